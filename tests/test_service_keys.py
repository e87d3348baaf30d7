"""Keys and names: who may read, who may make, who may take down, and as whom we answer."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from serving import Serving, serving
from waiting import PATIENCE

from narrator.service.access import needed
from narrator.service.hosts import called, is_loopback
from narrator.service.keys import find_key, known_keys, new_key, shown_key


def made_key(scope: str, name: str) -> tuple[str, str]:
    """A key and its line for the settings, as the command line makes them."""
    done = subprocess.run(
        [sys.executable, "-m", "narrator", "serve", "--make-key", "--scope", scope, "--name", name],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    line = re.search(rf'^{name} = "(.*)"$', done.stdout, re.MULTILINE)
    assert line
    return done.stdout.splitlines()[0], line.group(1)


KEYS = {scope: made_key(scope, f"the-{scope}") for scope in ("read", "narrate", "admin")}


def bearer(scope: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {KEYS[scope][0]}"}


def guarded(library: Path, *, private: bool = False, **env: str) -> Serving:
    (library.parent / "narrator.toml").write_text(
        f"[service]\nprivate = {str(private).lower()}\n[service.keys]\n"
        + "".join(f'the-{scope} = "{line}"\n' for scope, (_, line) in KEYS.items())
    )
    return Serving(library, (), env)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    running = guarded(tmp_path_factory.mktemp("keys") / "library")
    yield running
    running.stop()


def problem(answer: httpx.Response, status: int, slug: str) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert (told["type"], told["status"]) == (f"/problems/{slug}", status)
    if status == 401:
        assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    return str(told["detail"])


def test_making_needs_a_key_reading_does_not_and_taking_down_needs_another(
    service: Serving,
) -> None:
    text = {"markdown": "Only who shows a key has this said."}
    post = service.client.post
    assert "narrate" in problem(post("/v1/narrations", json=text), 401, "key-needed")
    wrong = {"Authorization": "Bearer nk1_nobody"}
    problem(post("/v1/narrations", json=text, headers=wrong), 401, "key-needed")
    problem(post("/v1/narrations", json=text, headers=bearer("read")), 403, "not-allowed")
    made = post("/v1/narrations", json=text, headers=bearer("narrate"))
    assert made.status_code in (201, 202)
    status = service.finished(made.json()["id"])
    assert service.client.get(status["links"]["audio"]).status_code == 200
    link = status["links"]["self"]
    problem(service.client.delete(link), 401, "key-needed")
    problem(service.client.delete(link, headers=bearer("narrate")), 403, "not-allowed")
    login = base64.b64encode(f"anybody:{KEYS['admin'][0]}".encode()).decode()
    gone = service.client.delete(link, headers={"Authorization": f"Basic {login}"})
    assert gone.status_code == 204
    problem(service.client.get(link), 410, "taken-down")


def test_who_may_not_come_in_is_not_listened_to(service: Serving) -> None:
    url = httpx.URL(service.url)

    def endless() -> Iterator[bytes]:
        for _ in range(100_000):
            yield b"x" * 10_000
        raise AssertionError("it was read to the end")

    try:
        answer = httpx.post(
            f"{url}/v1/narrations", content=endless(), timeout=PATIENCE, trust_env=False
        )
    except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError):
        return  # It hung up.
    problem(answer, 401, "key-needed")


def test_an_unknown_key_is_refused_even_where_none_is_needed(service: Serving) -> None:
    answer = service.client.get("/v1/narrations/none", headers={"Authorization": "Bearer x"})
    problem(answer, 401, "key-needed")


def test_the_document_says_what_needs_a_key(service: Serving) -> None:
    document = service.client.get("/openapi.json").json()
    assert set(document["components"]["securitySchemes"]) == {"key", "login"}
    narrations = document["paths"]["/v1/narrations"]["post"]
    assert narrations["security"] == [{"key": []}, {"login": []}]
    assert "`narrate`" in narrations["description"]
    one = document["paths"]["/v1/narrations/{narration_id}"]
    assert "security" not in one["get"]
    assert "`admin`" in one["delete"]["description"]
    assert {"401", "403"} <= set(one["delete"]["responses"])


def test_a_private_service_is_read_with_a_key_only(tmp_path: Path) -> None:
    running = guarded(tmp_path / "library", private=True)
    try:
        for path in ("/v1/narrations/none", "/metrics", "/"):
            problem(running.client.get(path), 401, "key-needed")
        problem(running.client.post("/v1/listen", json={}), 401, "key-needed")
        problem(running.client.get("/v1/narrations/none", headers=bearer("read")), 404, "not-found")
        assert running.client.get("/openapi.json").status_code == 200
    finally:
        running.stop()


def test_no_key_and_no_hash_gets_into_the_log(tmp_path: Path) -> None:
    running = guarded(tmp_path / "library")
    made = running.client.post(
        f"/v1/narrations?key={KEYS['narrate'][0]}",
        json={"markdown": "Nobody reads this in a log."},
        headers=bearer("narrate"),
    )
    running.finished(made.json()["id"])
    problem(running.client.get("/", headers={"Authorization": "Bearer s3cret"}), 401, "key-needed")
    running.stop()
    log = "\n".join(map(str, running.log))
    secrets = [part for key, line in KEYS.values() for part in (key, line.rpartition(":")[2])]
    for secret in (*secrets, "s3cret", "Nobody reads this"):
        assert secret not in log


def refusal(folder: Path, *options: str, toml: str = "") -> str:
    """What `narrator serve` says that refuses to start."""
    (folder / "narrator.toml").write_text(toml)
    done = subprocess.run(
        [sys.executable, "-m", "narrator", "serve", "--port", "0", *options],
        capture_output=True, text=True, cwd=folder, timeout=PATIENCE,
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def test_without_keys_nobody_else_can_reach_it(tmp_path: Path) -> None:
    for host in ("0.0.0.0", "::", "192.0.2.1", "example.org"):
        assert "--make-key" in refusal(tmp_path, "--host", host)
    assert "private" in refusal(tmp_path, toml="[service]\nprivate = true\n")


def test_a_key_in_the_place_of_its_hash_is_refused_and_not_shown(tmp_path: Path) -> None:
    key = KEYS["admin"][0]
    told = refusal(tmp_path, toml=f'[service.keys]\nmine = "{key}"\n')
    assert "service.keys.mine" in told
    assert key not in told


def test_what_cannot_be_a_key_is_not_made(tmp_path: Path) -> None:
    assert "read, narrate, admin" in refusal(tmp_path, "--make-key", "--scope", "all")
    assert "Mr. X" in refusal(tmp_path, "--make-key", "--name", "Mr. X")


def test_with_keys_it_listens_to_all(tmp_path: Path) -> None:
    (tmp_path / "narrator.toml").write_text(f'[service.keys]\nmine = "{KEYS["narrate"][1]}"\n')
    with serving(tmp_path / "library", "--host", "0.0.0.0") as running:
        answer = running.client.get("/v1/narrations/none", headers={"Host": "anything.example"})
        problem(answer, 404, "not-found")


def test_other_names_are_refused(tmp_path: Path) -> None:
    with serving(
        tmp_path / "library",
        NARRATOR_SERVICE__PUBLIC_URL="https://audio.example.org/",
        NARRATOR_SERVICE__PUBLIC_HOSTS="*.example.com",
    ) as running:
        for host, known in (
            ("audio.example.org", True), ("a.example.com:81", True), ("example.com", False),
            ("evil.example", False), ("audio.example.org.evil.example", False), ("", False),
            ("a.example.com/@evil", False),
        ):  # fmt: skip
            answer = running.client.get("/v1/narrations/none", headers={"Host": host})
            if known:
                problem(answer, 404, "not-found")
            else:
                problem(answer, 421, "wrong-host")


def test_a_service_of_this_machine_answers_to_its_names_only() -> None:
    names = ("localhost", "127.0.0.1", "[::1]")
    for host in ("localhost", "LOCALHOST:8080", "127.0.0.1:1", "[::1]:8080", "[::1]"):
        assert called(host, names), host
    for host in ("rebound.example", "localhost.evil.example", "127.0.0.1@evil.example", ""):
        assert not called(host, names), host
    assert called("whatever.example:99", ("*",))
    assert [is_loopback(a) for a in ("127.0.0.2", "::1", "localhost", "0.0.0.0", "::", "x")] == [
        True, True, True, False, False, False,
    ]  # fmt: skip


def test_what_is_not_known_and_changes_something_needs_a_key() -> None:
    for method, path, scope in (
        ("GET", "/v1/narrations/x", None), ("HEAD", "/feed.xml", None),
        ("POST", "/v1/narrations", "narrate"), ("PUT", "/v1/whatever", "narrate"),
        ("POST", "/v1/listen", None), ("POST", "/v1/listen/more", "narrate"),
        ("DELETE", "/v1/articles/x", "admin"), ("GET", "/metrics", "read"),
        ("OPTIONS", "/v1/narrations", None), ("GET", "/player/narrator.js", None),
        ("BREW", "/coffee", "narrate"),
    ):  # fmt: skip
        assert needed(method, path, private=False, open_metrics=False) == scope, path
    for path, scope in (("/v1/listen", "read"), ("/healthz", None), ("/healthzz", "read")):
        assert needed("GET", path, private=True, open_metrics=False) == scope


def test_keys_are_found_by_their_hash() -> None:
    one, line_one = new_key("one", "read")
    two, line_two = new_key("two", "admin")
    assert one != two
    assert one not in line_one
    keys = known_keys({n: v.strip('"') for n, v in (x.split(" = ") for x in (line_one, line_two))})
    found = find_key(two, keys)
    assert found
    assert (found.name, found.scope) == ("two", "admin")
    assert [found.allows(scope) for scope in ("read", "narrate", "admin")] == [True] * 3
    assert find_key(two + "x", keys) is None
    assert find_key("", keys) is None
    assert shown_key(f"bearer  {one} ") == one
    for nothing in ("", "Bearer", "Basic ????", "Basic /w==", "Digest x"):
        assert shown_key(nothing) == ""
