"""The feed of a service, at whatever address it is asked for."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from faulty import in_process
from serving import serving

from narrator.library import open_library
from narrator.publishing.channel import FeedTable
from narrator.service.feed import Feeds, newest_of, podcast
from narrator.service.shelf import Manifest, Shelf


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With three narrations."""
    folder = tmp_path_factory.mktemp("feed") / "library"
    with serving(folder) as running:
        for number in range(3):
            running.narrated(f"# Tea & <milk> {number}\n\nWater {number}.", id=f"tea{number}")
    return folder


class Counting(Shelf):
    """Counts how often the newest narrations are looked up."""

    looked = 0

    def latest(self, count: int) -> list[Manifest]:
        self.looked += 1
        return super().latest(count)


@pytest.mark.parametrize(
    "table",
    [FeedTable(), FeedTable(title="Tea & more", guid="a-guid", email="tea@example.org")],
    ids=["plain", "own"],
)
def test_it_is_laid_out_once_for_all_addresses(library: Path, table: FeedTable) -> None:
    """What it says at an address is what it says if it is made for that alone."""
    shelf = Counting(open_library(str(library)))
    newest = newest_of(shelf, table.episodes)
    assert len(newest) == 3
    shelf.looked = 0
    bases = [
        *(f"http://localhost:{port}" for port in range(1, 21)),
        "https://example.org", "https://example.org/listen", "http://[::1]:8000",
        "http://EXAMPLE.org", "http://a&b.example", f"http://{'a' * 300}.example",
    ]  # fmt: skip

    async def told() -> list[bytes]:
        feeds = Feeds()
        return await asyncio.gather(*(feeds.feed(shelf, table, base) for base in bases))

    for base, data in zip(bases, asyncio.run(told()), strict=True):
        assert data == podcast(shelf, table, newest, base), base
    assert shelf.looked == 1


def test_what_is_taken_down_is_in_no_feed(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with in_process(library) as (client, service):
        counting = Counting(service.shelf.library)
        monkeypatch.setattr(service.shelf, "latest", counting.latest)
        for port in (1, 2):
            text = client.get("/feed.xml", headers={"Host": f"localhost:{port}"}).text
            assert f"http://localhost:{port}/v1/narrations/" in text
            assert ">tea1<" in text
        assert counting.looked == 1, "once for all addresses"
        assert client.delete("/v1/articles/tea1").status_code == 204
        for port in (2, 3):
            text = client.get("/feed.xml", headers={"Host": f"localhost:{port}"}).text
            assert ">tea0<" in text
            assert ">tea1<" not in text
