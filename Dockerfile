# A small image that narrates: no compiler, no root, the voice inside, nothing downloaded at run time.
#   docker build -t narrator .
#   docker run --rm -v "$PWD:/articles" narrator narrate article.md
FROM python:3.12-slim AS build
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSING.md ./
COPY narrator narrator
COPY voices voices
COPY examples examples
RUN python -m venv /opt/narrator \
 && /opt/narrator/bin/pip install --no-cache-dir -c constraints.txt '.[objects,postgres]' \
 && /opt/narrator/bin/pip uninstall -y pip

FROM python:3.12-slim
RUN useradd --uid 10001 --create-home narrator \
 && mkdir /articles /library && chown narrator /articles /library
COPY --from=build /opt/narrator /opt/narrator
ENV PATH=/opt/narrator/bin:$PATH NARRATOR_LIBRARY=/library PYTHONUNBUFFERED=1
USER narrator
WORKDIR /articles
VOLUME /library
ENTRYPOINT ["narrator"]
CMD ["--help"]
