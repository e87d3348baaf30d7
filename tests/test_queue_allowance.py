"""Requests of callers are counted once, however many processes count them."""

from __future__ import annotations

import asyncio
import itertools
import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from database import Database
from serving import Serving, serving
from waiting import PATIENCE, until

from narrator.errors import QueueError
from narrator.queue import open_allowance
from narrator.queue.allowance import REMEMBERED, Allowance, FileAllowance, OwnAllowance
from narrator.queue.postgres import PostgresQueue
from narrator.service import rates as module
from narrator.service.rates import Rates, standing

SPENDERS = """
import sys
from pathlib import Path
from narrator.queue import open_allowance
from narrator.queue.allowance import FileAllowance
where = sys.argv[1]
counts = open_allowance(where) if "://" in where else FileAllowance(Path(where))
print(sum(counts.spend("a", 60).let_in for _ in range(40)))
"""


@pytest.fixture(params=["own", "file", "postgres"])
def counts(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Allowance]:
    if request.param == "postgres":
        queue: PostgresQueue = request.getfixturevalue("queue")
        found = open_allowance(queue.url)
    else:
        found = OwnAllowance() if request.param == "own" else FileAllowance(tmp_path / "counts")
    yield found
    found.close()


def test_a_minutes_requests_may_come_at_once_and_no_more(counts: Allowance) -> None:
    began = time.monotonic()
    spent = [counts.spend("a", 20) for _ in range(20)]
    if time.monotonic() - began < 3:  # After three seconds one more may come.
        assert all(s.let_in for s in spent)
        assert standing(20, spent[0]).headers("requests")["RateLimit"] == '"requests";r=19;t=3'
        refused = counts.spend("a", 20)
        assert not refused.let_in
        left = standing(20, refused)
        assert left.left == 0
        assert 0 < left.wait <= 3
        again = counts.spend("a", 20)
        assert again.seconds <= refused.seconds, "what is refused does not count"
    assert counts.spend("b", 20).let_in


@pytest.mark.parametrize("home", [OwnAllowance, FileAllowance])
def test_a_caller_has_more_when_time_has_passed(
    home: type[OwnAllowance | FileAllowance], tmp_path: Path
) -> None:
    now = 1000.0

    def clock() -> float:
        return now

    counts = OwnAllowance(clock) if home is OwnAllowance else FileAllowance(tmp_path / "f", clock)
    assert all(counts.spend("a", 60).let_in for _ in range(60))
    assert standing(60, counts.spend("a", 60)).wait == pytest.approx(1.0)
    now = 1001.5
    assert counts.spend("a", 60).let_in
    assert standing(60, counts.spend("a", 60)).wait == pytest.approx(0.5)
    now = 2000.0
    assert standing(60, counts.spend("a", 60)).left == 59
    counts.close()


def test_a_process_remembers_so_many_callers() -> None:
    counts = OwnAllowance()
    for number in range(REMEMBERED + 10):
        counts.spend(f"caller {number}", 60)
    assert len(counts._due) == REMEMBERED


@pytest.mark.parametrize("home", ["file", "postgres"])
def test_processes_that_count_at_once_let_in_no_more_than_one_would(
    home: str, queue: PostgresQueue, tmp_path: Path
) -> None:
    """Three processes ask 40 times each for what may be done 60 times a minute."""
    where = queue.url if home == "postgres" else str(tmp_path / "counts")
    began = time.monotonic()
    spenders = [
        subprocess.Popen([sys.executable, "-c", SPENDERS, where], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    let_in = sum(int(process.communicate(timeout=PATIENCE)[0]) for process in spenders)
    assert 60 <= let_in <= 60 + (time.monotonic() - began)


def limited(address: str) -> dict[str, str]:
    return {"X-Forwarded-For": address}


LIMITS = {
    "NARRATOR_SERVICE__TRUSTED_PROXIES": "127.0.0.0/8",
    "NARRATOR_SERVICE__REQUESTS_PER_MINUTE": "12",
    "NARRATOR_SERVICE__MAKINGS_PER_MINUTE": "2",
}


def asked(services: list[Serving], address: str, count: int) -> list[int]:
    """Statuses of so many requests for what is not there, dealt to the services, some at once and
    each on a connection of its own."""

    def ask(number: int) -> int:
        url = f"{services[number % len(services)].url}/v1/narrations/x"
        return httpx.get(
            url, headers=limited(address), trust_env=False, timeout=PATIENCE
        ).status_code

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(ask, range(count)))


def test_two_services_with_a_queue_agree_on_limits(queue: PostgresQueue, tmp_path: Path) -> None:
    library = tmp_path / "library"
    with serving(library, **LIMITS) as one, serving(library, **LIMITS) as two:
        began = time.monotonic()
        statuses = asked([one, two], "192.0.2.1", 24)
        more = (time.monotonic() - began) / 5
        assert 12 <= statuses.count(404) <= 12 + more
        assert statuses.count(429) == 24 - statuses.count(404)
        assert asked([one, two], "192.0.2.2", 2) == [404, 404]
        made = [
            service.client.post(
                "/v1/narrations", json={"markdown": f"Number {n}."}, headers=limited("192.0.2.3")
            ).status_code
            for n, service in enumerate((one, two, one, two))
        ]
        assert made == [202, 202, 429, 429]


def test_without_the_database_each_service_counts_for_itself_and_says_so(
    database: Database, queue: PostgresQueue, tmp_path: Path
) -> None:
    library = tmp_path / "library"
    with serving(library, **LIMITS) as one, serving(library, **LIMITS) as two:
        assert asked([one, two], "192.0.2.1", 2) == [404, 404]
        database.stop()
        began = time.monotonic()
        try:
            statuses = asked([one, two], "192.0.2.2", 40)
        finally:
            database.start()
        more = 2 * (time.monotonic() - began) / 5
        assert 24 <= statuses.count(404) <= 24 + more, "each lets in 12"
        for service in (one, two):
            assert any("each process for itself" in line["message"] for line in service.log)
        time.sleep(module.AGAIN)
        numbers = itertools.count(1)

        def they_agree() -> bool:
            began = time.monotonic()
            refused = asked([one, two], f"198.51.100.{next(numbers)}", 24).count(429)
            return refused > 0 and refused >= 12 - (time.monotonic() - began) / 5

        until(they_agree, "each counts for itself", 1)


def test_processes_of_one_service_agree_on_limits(tmp_path: Path) -> None:
    with serving(tmp_path / "library", "--workers", "3", **LIMITS) as service:
        began = time.monotonic()
        statuses = asked([service], "192.0.2.1", 40)
        assert 12 <= statuses.count(404) <= 12 + (time.monotonic() - began) / 5
        assert statuses.count(429) == 40 - statuses.count(404)


def test_a_count_that_does_not_answer_holds_up_no_request_for_long(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    monkeypatch.setattr(logging.getLogger("narrator"), "propagate", True)

    class Stuck(OwnAllowance):
        asked = 0

        def spend(self, caller: str, quota: int):  # type: ignore[no-untyped-def]
            self.asked += 1
            time.sleep(0.3)
            raise QueueError("too late")

    stuck = Stuck()
    rates = Rates(stuck)

    async def many() -> list[float]:
        return [(await rates.spend("requests", 60, "a")).left for _ in range(10)]

    assert asyncio.run(many()) == [59 - n for n in range(10)]
    assert stuck.asked == 1
    assert sum("each process for itself" in r.message for r in caplog.records) == 1
