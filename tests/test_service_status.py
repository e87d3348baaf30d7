"""What a service tells of a narration at the moment when its making ends."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from serving import paragraphs

from narrator.errors import NothingToSay
from narrator.making import make
from narrator.model import Narration
from narrator.planning import plan
from narrator.reading import read_text
from narrator.service.context import Service
from narrator.service.makings import Bell, Making
from narrator.service.products import documents, manifest_of
from narrator.service.requests import Request
from narrator.service.shelf import Shelf
from narrator.service.workshop import Workshop
from narrator.settings import load_settings
from narrator.studio import Studio


@pytest.fixture
def making(tmp_path: Path) -> Iterator[Making]:
    """A making that somebody found while it was under way."""
    studio = Studio(load_settings(library=str(tmp_path / "library"), voice="tone"))
    planned = plan(studio, read_text(paragraphs(1, "The kettle"), "markdown"))
    loop = asyncio.new_event_loop()
    making = Making(Request(id=planned.id, received=0.0), planned, Bell(loop))
    making.state = "working"
    yield making
    loop.close()


@pytest.fixture
def service(tmp_path: Path) -> Service:
    """As much of a service as tells a status."""
    service = Service.__new__(Service)
    service.settings = load_settings(library=str(tmp_path / "library"))
    service.workshop = Workshop.__new__(Workshop)
    service.workshop._pace = 10.0
    return service


def test_what_ended_well_is_told_with_size_and_hash(
    making: Making, service: Service, tmp_path: Path
) -> None:
    studio = Studio(load_settings(library=str(tmp_path / "library"), voice="tone"))
    with (tmp_path / "audio.mp3").open("w+b") as file:
        *_, narration = make(studio, making.planned, file, "mp3", path=Path("audio.mp3"))
        assert isinstance(narration, Narration)
        making.manifest = Shelf(studio.library).commit(
            manifest_of(narration, making.request), documents(narration, file)
        )
    assert "sha256" not in service.status(making).model_dump(exclude_none=True)  # Not yet over.
    making.end("ready")
    status = service.status(making)
    assert status.state == "ready"
    assert status.size == (tmp_path / "audio.mp3").stat().st_size
    assert status.sha256 == narration.audio.sha256


def test_what_failed_is_told_with_its_problem(making: Making, service: Service) -> None:
    making.error = NothingToSay("There are no words.")
    making.end("failed")
    status = service.status(making)
    assert status.state == "failed"
    assert status.problem is not None
    assert status.problem.detail == "There are no words."


def test_what_is_under_way_is_told_as_that(making: Making, service: Service) -> None:
    assert service.status(making).state == "working"
    making.end("failed")
