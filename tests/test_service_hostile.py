"""What nobody means well by: broken JSON and Unicode, tricks with paths and headers, raw bytes."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from serving import Serving, serving
from waiting import PATIENCE

from narrator.service.bodies import SMALL


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("hostile") / "library") as running:
        yield running
        assert [line for line in running.log if line["level"] in ("error", "raw")] == []


BODIES = {
    "empty": b"",
    "not JSON": b"<xml/>",
    "half": b'{"text": "Tea',
    "not UTF-8": b'{"text": "\xff\xfe\x00"}',
    "NaN": b'{"text": "Tea.", "speed": NaN}',
    "infinity": b'{"text": "Tea.", "speed": 1e999}',
    "null": b"null",
    "a list": b'[{"text": "Tea."}]',
    "a number": b"1",
    "a string": b'"Tea."',
    "deep": b"[" * 100_000,
    "deep object": b'{"text":' * 20_000,
    "unknown member": b'{"text": "Tea.", "admin": true}',
    "half a pair": b'{"text": "\\ud800"}',
    "half a pair in a title": b'{"text": "Tea.", "title": "\\udfff"}',
    "NUL": b'{"text": "Tea.\\u0000"}',
    "no words": b'{"text": "\\u200b \\n\\t"}',
    "a path as id": b'{"text": "Tea.", "id": "../../etc/passwd"}',
    "a header as id": b'{"text": "Tea.", "id": "a\\r\\nSet-Cookie: b=c"}',
    "a header as language": b'{"text": "Tea.", "language": "en\\r\\nX: y"}',
    "a file as url": b'{"url": "file:///etc/passwd"}',
    "metadata as url": b'{"url": "http://169.254.169.254/latest/meta-data/"}',
    "two sources": b'{"text": "Tea.", "html": "<p>Tea.</p>"}',
    "a huge number": b'{"text": "Tea.", "speed": ' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("route", ["/v1/narrations", "/v1/listen", "/v1/audio/speech"])
def test_a_bad_body_is_told_what_is_wrong_with_it(
    service: Serving, route: str, body: bytes
) -> None:
    answer = service.client.post(route, content=body, headers={"Content-Type": "application/json"})
    small = SMALL.get(route)
    allowed = (413,) if small is not None and len(body) > small else (400, 403, 422)
    assert answer.status_code in allowed, answer.text
    problem = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert problem["status"] == answer.status_code
    assert problem["detail"]
    answer.content.decode("utf-8")


@pytest.mark.parametrize("route", ["/v1/narrations", "/v1/listen"])
@pytest.mark.parametrize(
    "url",
    ["http://[", "http://[D\U0003c99ftQ", "http://\u2100.example/", "http://a.example:99999999/",
     "http:///demo", "http://:80/", "http://a.example:x/"],
)  # fmt: skip
def test_an_address_that_leads_nowhere_is_told(service: Serving, route: str, url: str) -> None:
    answer = service.client.post(route, json={"url": url})
    assert answer.status_code == 422, answer.text
    assert "host or port" in answer.json()["detail"]


def test_a_body_of_another_type_is_refused(service: Serving) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        answer = service.client.post(
            "/v1/narrations", content=b'{"text": "Tea."}', headers={"Content-Type": kind}
        )
        assert answer.status_code in (415, 422), kind


@pytest.mark.parametrize(
    "path",
    [
        "..%2f..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/etc/passwd", "....//....//etc/passwd", "%00",
        "N3-" + "0" * 32 + "%00.mp3", "N3-" + "0" * 31 + "%0a", "N3-" + "٠" * 32, "a" * 7000, "*",
        "%ff%fe", "N3-" + "0" * 32 + "/../../../requests", "\\..\\..", "%0d%0aSet-Cookie:%20a=b",
    ],
)  # fmt: skip
@pytest.mark.parametrize("part", ["", "/audio.mp3", "/cues.json", "/events"])
def test_a_path_leads_nowhere_else(service: Serving, path: str, part: str) -> None:
    answer = service.client.get(f"/v1/narrations/{path}{part}")
    assert answer.status_code == 404
    assert "root:" not in answer.text
    assert "Set-Cookie" not in answer.headers
    assert answer.json()["type"] == "/problems/not-found"


def test_what_was_sent_never_becomes_a_header(service: Serving) -> None:
    status = service.narrated("Tea is warm.", title="Line\r\nX-Injected: yes", id="plain")
    for link in status["links"].values():
        answer = service.client.get(link)
        assert "X-Injected" not in answer.headers


CHUNKED = b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n"


@pytest.mark.parametrize(
    "raw",
    [
        b"GARBAGE\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: localhost\r\n\r\n",
        b"GET /v1/voices HTTP/1.1\r\n\r\n",
        b"GET /v1/voices HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        b"GET /v1/voices HTTP/1.1\r\nHost: localhost\r\nBad Header: x\r\n\r\n",
        b"GET /v1/voices HTTP/1.1\r\nHost: localhost\r\nX: a\x00b\r\n\r\n",
        b"POST /v1/narrations HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
        b"POST /v1/listen HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n%s\r\n0\r\n\r\n"
        % CHUNKED,
        b"POST /v1/listen HTTP/1.1\r\nHost: localhost\r\n%s\r\nZZ\r\n\r\n" % CHUNKED,
        b"GET http://evil.example/v1/voices HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET /v1/narrations/\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
def test_raw_bytes_break_nothing(service: Serving, raw: bytes) -> None:
    parts = urlsplit(service.url)
    with socket.create_connection(
        (parts.hostname, parts.port or 0), timeout=PATIENCE
    ) as connection:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while data := connection.recv(65_536):
            answer += data
    if answer:
        assert answer.startswith(b"HTTP/1.1 4"), answer[:300]
    assert service.client.get("/v1/voices").status_code == 200
