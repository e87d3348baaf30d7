"""How far articles are heard: sums of nobody in particular, where the site wants them."""

from __future__ import annotations

from pathlib import Path

from serving import serving

from narrator.library import open_library
from narrator.service.access import needed
from narrator.service.counts import PERIOD, Counts


def test_sums_of_all_processes_are_added_up_and_survive_them(tmp_path: Path) -> None:
    library = open_library(str(tmp_path))
    now = [0.0]
    one, other = Counts(library, lambda: now[0]), Counts(library, lambda: now[0])
    one.add("tea", 0)
    one.add("tea", 1)
    assert one.all() == {"tea": [1, 1, *[0] * 9]}
    assert other.all() == {}, "not written down yet"
    now[0] = PERIOD
    one.add("tea", 0)
    other.add("tea", 10)
    other.add("coffee", 0)
    other.keep()
    for counts in (one, other, Counts(library)):
        counts.keep()
        assert counts.all() == {"tea": [2, 1, *[0] * 8, 1], "coffee": [1, *[0] * 10]}
    assert len(list(library.entries("counts/"))) == 2


def test_nothing_is_counted_unless_the_site_wants_it(tmp_path: Path) -> None:
    with serving(tmp_path / "library") as service:
        refused = service.client.post("/v1/heard", params={"article": "tea", "percent": 0})
        assert refused.status_code == 404
        assert "count_listening" in refused.json()["detail"]


def test_what_is_known_is_counted_and_kept_when_the_service_stops(tmp_path: Path) -> None:
    for expected in (1, 2):
        with serving(tmp_path / "library", NARRATOR_SERVICE__COUNT_LISTENING="true") as service:
            service.narrated("Tea is poured.", id="tea")

            def count(article: str, percent: int) -> int:
                told: dict[str, str | int] = {"article": article, "percent": percent}
                return service.client.post("/v1/heard", params=told).status_code

            assert count("tea", 30) == 204
            assert count("unknown", 30) == 404
            assert [count("tea", wrong) for wrong in (-10, 5, 110)] == [422] * 3
            (line,) = service.client.get("/v1/heard").json()["articles"]
            assert line == {"article": "tea", "heard": [0, 0, 0, expected, *[0] * 7]}


def test_readers_tell_and_only_who_manages_sees() -> None:
    assert needed("POST", "/v1/heard", private=False, open_metrics=False) is None
    assert needed("GET", "/v1/heard", private=False, open_metrics=True) == "admin"
