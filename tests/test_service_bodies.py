"""What a body costs: its structure is bounded before it is parsed, and answers stay short."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from serving import Serving, serving

from narrator.errors import BadRequest
from narrator.service.app import FAULTS_TOLD
from narrator.service.bodies import SMALL
from narrator.service.structure import DEPTH_LIMIT, MEMBERS_LIMIT, OUTSIDE_LIMIT, Structure

ROUTES = ["/v1/narrations", "/v1/listen", "/v1/audio/speech"]
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(
        tmp_path_factory.mktemp("bodies") / "library", NARRATOR_SERVICE__HEAD_SECONDS="1"
    ) as running:
        yield running
        assert [line for line in running.log if line["level"] == "error"] == []


def spent(service: Serving) -> float:
    """CPU seconds of the service so far."""
    fields = Path(f"/proc/{service.process.pid}/stat").read_text().rpartition(") ")[2].split()
    return sum(map(int, fields[11:13])) / float(os.sysconf("SC_CLK_TCK"))


HEAVY = {
    "members": b"{" + b",".join(b'"%x":0' % n for n in range(450_000)) + b"}",
    "a list": b'{"text": [' + b"0," * 1_000_000 + b"0]}",
    "empty strings": b'""' * 2_000_000,
    "brackets": b"[]" * 2_000_000,
    "deep": b'{"a":' * 800_000,
    "closed": b"]" * 4_000_000,
    "blanks": b"{" + b" " * 4_000_000 + b"}",
    "a number": b'{"speed": ' + b"9" * 4_000_000 + b"}",
    "a float": b'{"speed": 0.' + b"9" * 4_000_000 + b"}",
    "backslashes": b'{"text": "' + b"\\" * 4_000_000,
    "escapes": b'{"text": "' + b"\\u0041" * 600_000 + b'", "voice": 1}',
    "a long name": b'{"' + b"n" * 4_000_000 + b'": 1}',
    "a long value": b'{"text": "a", "voice": "' + b"v" * 4_000_000 + b'"}',
    "no JSON": b"<a/>" * 1_000_000,
}


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("body", HEAVY.values(), ids=HEAVY)
def test_a_heavy_body_costs_little_and_is_answered_shortly(
    service: Serving, route: str, body: bytes
) -> None:
    def pieces() -> Iterator[bytes]:  # Without a length, so that nothing is known beforehand.
        for start in range(0, len(body), 100_000):
            yield body[start : start + 100_000]

    for content in (body, pieces()):
        before = spent(service)
        answer = service.client.post(route, content=content, headers=JSON)
        assert answer.status_code in (400, 413, 422), answer.text[:300]
        assert len(answer.content) < 10_000
        assert answer.json()["detail"]
        assert spent(service) - before < 2.0  # 450,000 members took 8.


@pytest.mark.parametrize("route", ROUTES)
def test_so_many_faults_are_listed_and_no_more(service: Serving, route: str) -> None:
    body = {f"member {n}": n for n in range(80)}
    answer = service.client.post(route, json=body)
    assert answer.status_code == 422
    faults = answer.json()["errors"]
    assert len(faults) == FAULTS_TOLD + 1
    assert "more faults" in faults[-1]["detail"]
    names = {"n" * 5000: 1, "url": "x" * 5000}
    long = service.client.post(route, json=names)
    assert long.status_code == 422
    assert len(long.content) < 3000


def test_what_anybody_may_send_is_small(service: Serving) -> None:
    body = json.dumps({"url": "http://a.example/" + "a" * 40_000}).encode()
    assert len(body) > SMALL["/v1/listen"]
    answer = service.client.post("/v1/listen", content=body, headers=JSON)
    assert answer.status_code == 413
    assert str(SMALL["/v1/listen"]) in answer.json()["detail"]
    taken = service.client.post("/v1/narrations", content=body, headers=JSON)
    assert taken.status_code == 422


def test_a_small_body_has_the_time_of_a_head(service: Serving) -> None:
    def never() -> Iterator[bytes]:
        yield b'{"url": '
        import time

        for _ in range(30):
            time.sleep(0.5)
            yield b" "

    answer = service.client.post("/v1/listen", content=never(), headers=JSON)
    assert answer.status_code == 408
    assert "1 s" in answer.json()["detail"]


def test_a_long_text_with_signs_of_structure_is_read(service: Serving) -> None:
    text = 'He said: "[{,}]", {{ and so on \\ until the end. ' * 2000
    answer = service.client.post("/v1/narrations", json={"text": text})
    assert answer.status_code in (201, 202), answer.text
    service.client.delete(answer.json()["links"]["self"])


def counted(value: Any) -> tuple[int, int]:
    """Members and depth of a value."""
    if isinstance(value, dict):
        parts = [counted(each) for each in value.values()]
    elif isinstance(value, list):
        parts = [counted(each) for each in value]
    else:
        return 0, 0
    members = max(len(parts), 1) + sum(each[0] for each in parts)
    return members, 1 + max((each[1] for each in parts), default=0)


def passes(data: bytes, *cuts: int) -> bool:
    structure = Structure()
    edges = [0, *sorted(cuts), len(data)]
    try:
        for start, end in pairwise(edges):
            structure.feed(data[start:end])
    except BadRequest:
        return False
    return True


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text('"\\{}[],:ab\n\u2028\U0001f600'),
    lambda inner: st.lists(inner, max_size=40) | st.dictionaries(st.text("\"\\{,a"), inner),
    max_leaves=150,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(value=VALUES, plain=st.booleans(), data=st.data())
def test_structure_is_that_of_the_value_however_it_comes(
    value: Any, plain: bool, data: st.DataObject
) -> None:
    encoded = json.dumps(value, ensure_ascii=plain).encode()
    members, depth = counted(value)
    strings = encoded.count(b'"')  # Twice as many at least, for some are escaped.
    allowed = members <= MEMBERS_LIMIT and depth <= DEPTH_LIMIT
    if strings < 4 * MEMBERS_LIMIT and len(encoded) < OUTSIDE_LIMIT:
        assert passes(encoded) == allowed
    cuts = data.draw(st.lists(st.integers(0, len(encoded)), max_size=6))
    assert passes(encoded, *cuts) == passes(encoded)


def test_structure_is_seen_byte_by_byte() -> None:
    body = json.dumps({"text": 'a "quoted" \\ [[[{{{ ,,,' * 50, "other": [1, {"x": "\\"}]}).encode()
    assert passes(body, *range(1, len(body)))
    many = json.dumps([0] * (MEMBERS_LIMIT + 1)).encode()
    assert not passes(many)
    assert not passes(many, *range(1, len(many)))
