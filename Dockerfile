# A small image that narrates: no compiler, no pip, no root, the voice inside, nothing downloaded at run time.
#   docker build -t narrator .
#   docker run --rm --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \
#     -v "$PWD:/articles" narrator narrate article.md
# hadolint global ignore=DL3059
FROM python:3.12-slim AS build
WORKDIR /src
COPY constraints/build.txt constraints/runtime.txt constraints/
RUN python -m venv /opt/tools
RUN /opt/tools/bin/pip install --no-cache-dir --require-hashes -r constraints/build.txt
RUN /opt/tools/bin/pip wheel --no-cache-dir --require-hashes --no-build-isolation \
    --wheel-dir /opt/wheels -r constraints/runtime.txt
COPY pyproject.toml README.md LICENSE LICENSING.md ./
COPY narrator narrator
COPY voices voices
COPY examples/article.md examples/article.md
RUN /opt/tools/bin/pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /opt/wheels .
RUN python -m venv --without-pip /opt/narrator
RUN /opt/tools/bin/pip --python /opt/narrator/bin/python install --no-cache-dir --no-deps --no-index \
    /opt/wheels/*.whl

FROM python:3.12-slim
RUN useradd --uid 10001 --no-create-home --home-dir /nonexistent narrator \
 && mkdir /articles /library && chown narrator /articles /library \
 && python -m pip uninstall --yes --root-user-action ignore pip \
 && rm -rf /usr/local/lib/python3.12/ensurepip
COPY --from=build /opt/narrator /opt/narrator
ENV PATH=/opt/narrator/bin:$PATH NARRATOR_LIBRARY=/library XDG_CACHE_HOME=/tmp/cache PYTHONUNBUFFERED=1
USER 10001
WORKDIR /articles
VOLUME /library
# Asks the service whether it lives; a container that does something else is well while it runs. Another port than 8080
# is named by NARRATOR_SERVICE__PORT, not by --port, so that it is known here.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 CMD ["/opt/narrator/bin/python", "-c", "\
import http.client, os; \
serves = b'serve' in open('/proc/1/cmdline', 'rb').read().split(b'\\0'); \
service = http.client.HTTPConnection('127.0.0.1', int(os.environ.get('NARRATOR_SERVICE__PORT', '8080')), timeout=4); \
serves and service.request('GET', '/healthz'); \
assert not serves or service.getresponse().status < 500"]
ENTRYPOINT ["narrator"]
CMD ["--help"]
