"""A feed or a site map that has not changed is not sent again, and leads to the same articles."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from site_folder import index, kept_bytes, ran, states
from test_prerender_sources import DRY, entry, feed, page, site_index, site_map, tagged
from web import Site, answer, known, serving

from narrator.settings import load_settings
from narrator.site.check import check
from narrator.site.config import SiteTable
from narrator.site.remembered import FOLDER, KEPT

WHOLE = " ".join(f"Sentence {n} of an article that came whole with its feed." for n in range(25))


@pytest.fixture
def web(tmp_path: Path, library: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NARRATOR_ALLOW_PRIVATE", "true")
    with serving({f"/{name}": tagged(name, f'"{name}"') for name in ("one", "two")}) as site:
        yield site


def found(source: str, **more: Any) -> dict[str, str]:
    return states(ran(source, pace=0, **more))


def lists(web: Site, path: str, etag: str, text: str) -> str:
    """Serve a listing with that ETag; its address."""
    body = text.replace("{url}", web.url).encode()
    web.answers[path] = known(etag, body, "application/xml")
    return f"{web.url}{path}"


def kept(out: str = "out") -> list[Path]:
    return sorted(Path(out, FOLDER).iterdir())


def test_a_feed_that_has_not_changed_costs_one_304(web: Site) -> None:
    source = lists(web, "/feed", '"1"', feed(entry("/whole", "Whole", 2, WHOLE)))
    assert list(found(source).values()) == ["made"]
    web.asked.clear()
    web.headers.clear()
    assert list(found(source).values()) == ["unchanged"]
    assert web.asked == ["/feed"]
    assert web.headers[0]["If-None-Match"] == '"1"'
    assert list(found(source, formats=("opus",)).values()) == ["made"], "its content is still known"
    lists(web, "/feed", '"2"', feed(entry("/whole", "Whole", 2, f"{WHOLE} It was edited.")))
    assert list(found(source).values()) == ["made"]
    assert len(kept()) == 1


def test_a_site_map_and_those_that_it_names(web: Site) -> None:
    """Each is asked for; the pages too, for a map tells little of them."""
    source = lists(web, "/map.xml", '"m"', site_index("/a.xml", "/b.xml"))
    lists(web, "/a.xml", '"a"', site_map("/one"))
    lists(web, "/b.xml", '"b"', site_map("/two"))
    assert set(found(source).values()) == {"made"}
    assert len(kept()) == 3, "and no page"
    before = kept_bytes()
    lists(web, "/b.xml", '"b2"', site_map())
    told = found(source, removed="delete")
    assert told == {f"{web.url}/one": "unchanged", f"{web.url}/two": "retired"}
    assert set(index()) == {"one"}
    changed = {name for name, data in kept_bytes().items() if before.get(name) != data}
    assert len(changed) == 2, "the index, and what is known of the map that changed"
    assert len(changed & set(map(str, kept()))) == 1


def test_who_only_looks_keeps_nothing(web: Site) -> None:
    source = lists(web, "/map.xml", '"m"', site_map("/one"))
    found(source, job=DRY)
    assert not Path("out").exists()
    found(source)
    before = kept_bytes()
    lists(web, "/map.xml", '"n"', site_map("/one", "/two"))
    kinds = [
        getattr(each, "kind", "")
        for each in check(Path("out"), [source], SiteTable(pace=0), load_settings())
    ]
    assert "unspoken" in kinds
    assert kept_bytes() == before


def test_what_is_damaged_or_not_to_be_asked_for_is_fetched(web: Site) -> None:
    source = lists(web, "/map.xml", '"m"', site_map("/one"))
    found(source)
    (path,) = kept()
    whole = path.read_bytes()
    for data in (b"", b"no gzip", whole[:-9], whole[:60]):
        path.write_bytes(data)
        assert list(found(source).values()) == ["unchanged"]
        assert path.read_bytes() == whole
    web.xml("/map.xml", site_map("/one"))
    found(source)
    assert kept() == [], "its server lets nobody ask"


def test_a_page_is_no_listing_and_what_nobody_asks_for_goes(web: Site) -> None:
    old = lists(web, "/old.xml", '"o"', site_map("/one"))
    found(old)
    (path,) = kept()
    long_ago = time.time() - KEPT - 60
    os.utime(path, (long_ago, long_ago))
    new = lists(web, "/new.xml", '"n"', site_map("/two"))
    found(new)
    assert path not in kept()
    web.answers["/page"] = answer(body=page("Page").encode(), ETag='"p"')
    found(f"{web.url}/page")
    assert len(kept()) == 1
