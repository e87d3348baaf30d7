"""Documents of a narration in the making: built once for all who ask, apart from all else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from threading import Event

import pytest
from serving import paragraphs
from starlette.responses import Response
from waiting import PATIENCE

from narrator.errors import Busy, NarratorError
from narrator.model import Cue, Plan, Progress
from narrator.planning import plan
from narrator.reading import read_text
from narrator.service.makings import PIECE, Bell, Making
from narrator.service.products import told_script
from narrator.service.requests import Request
from narrator.service.spooled import KEPT, Documents, Spooled
from narrator.settings import load_settings
from narrator.studio import Studio


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    library = str(tmp_path_factory.mktemp("documents") / "library")
    studio = Studio(load_settings(library=library, voice="tone"))
    found = plan(studio, read_text(paragraphs(300), "markdown"))
    assert len(told_script(found)) > PIECE
    return found


class Script:
    """The script of a making, each building of which waits for the gate."""

    def __init__(self, planned: Plan) -> None:
        self.planned = planned
        self.gate = Event()
        self.built = 0

    def __call__(self) -> Iterator[str]:
        self.built += 1
        assert self.gate.wait(PATIENCE)
        yield told_script(self.planned)


def begun(planned: Plan) -> Making:
    bell = Bell(asyncio.get_running_loop())
    return Making(Request(id=planned.id, received=0.0), planned, bell)


def said(making: Making) -> None:
    """One more sentence is in its audio."""
    number = len(making.cues)
    sentence = making.planned.script.sentences[number].spoken
    cue = Cue(number, number + 1.0, "b1", 0, len(sentence), sentence, sentence, ())
    making.advance(Progress(number + 1, making.total, number + 1.0, cue))


def text_of(answer: Response | None) -> bytes:
    """The body of an answer, which is then released as when it was sent."""
    assert answer is not None
    if not isinstance(answer, Spooled):
        return bytes(answer.body)
    data = b"".join(answer.spool.read(at) for at in range(0, answer.spool.size, PIECE))
    answer.spool.release()
    return data


async def until(done: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not done():
            await asyncio.sleep(0.01)


def test_a_script_is_built_once_for_all_who_ask(planned: Plan) -> None:
    async def ask() -> None:
        documents, making, script = Documents(), begun(planned), Script(planned)

        def told() -> asyncio.Task[Response | None]:
            return asyncio.create_task(documents.so_far(making, "script.json", script, grows=False))

        first, *others = [told() for _ in range(100)]
        await until(lambda: script.built)
        assert await asyncio.to_thread(lambda: "others") == "others", "threads of others are free"
        first.cancel()  # Its client is gone; the others wait on.
        await asyncio.wait([first])
        script.gate.set()
        whole = told_script(planned).encode()
        answers = await asyncio.gather(*others)
        assert {text_of(answer) for answer in answers} == {whole}
        said(making)
        assert text_of(await told()) == whole
        assert script.built == 1
        kept = await told()
        assert isinstance(kept, Spooled)
        making.end("ready")
        assert await told() is None, "it is over: the file is finished"
        assert kept.spool.hold(), "who reads it reads to the end"
        kept.spool.release()
        assert text_of(kept) == whole
        assert not kept.spool.hold(), "then it is gone"
        assert script.built == 1
        documents.close()

    asyncio.run(ask())


def test_a_document_that_grows_is_built_once_at_a_time(planned: Plan) -> None:
    """Whoever asks while it is built and wants more waits for the next, all together."""

    async def ask() -> None:
        documents, making, script = Documents(), begun(planned), Script(planned)

        def told() -> asyncio.Task[Response | None]:
            return asyncio.create_task(documents.so_far(making, "cues.json", script))

        early = [told() for _ in range(20)]
        await until(lambda: script.built)
        said(making)
        late = [told() for _ in range(20)]
        await asyncio.sleep(0)
        assert script.built == 1
        script.gate.set()
        for answer in await asyncio.gather(*early, *late):
            text_of(answer)
        assert script.built <= 2
        making.end("ready")
        documents.close()

    asyncio.run(ask())


def test_few_documents_are_kept(planned: Plan) -> None:
    async def ask() -> None:
        documents, making, script = Documents(), begun(planned), Script(planned)
        script.gate.set()
        answers = [
            await documents.so_far(making, str(number), script, grows=False)
            for number in range(KEPT + 1)
        ]
        for answer in answers:
            text_of(answer)
        spools = [answer.spool for answer in answers if isinstance(answer, Spooled)]
        assert [spool.hold() for spool in spools] == [False, *[True] * KEPT]
        for spool in spools[1:]:
            spool.release()
        documents.close()
        assert not any(spool.hold() for spool in spools)
        making.end("failed")

    asyncio.run(ask())


def test_an_error_is_told_and_not_kept(planned: Plan) -> None:
    async def ask() -> None:
        documents, making = Documents(), begun(planned)

        def broken() -> Iterator[str]:
            yield "It "
            raise NarratorError("It cannot be told.")

        with pytest.raises(NarratorError, match="cannot be told"):
            await documents.so_far(making, "cues.json", broken)
        assert text_of(await documents.so_far(making, "cues.json", lambda: ["so"])) == b"so"
        making.end("failed")
        documents.close()

    asyncio.run(ask())


def test_who_waits_is_told_when_the_service_stops(planned: Plan) -> None:
    async def ask() -> None:
        documents, script = Documents(), Script(planned)
        makings = [begun(planned) for _ in range(4)]
        waiting = [
            asyncio.create_task(documents.so_far(making, "script.json", script))
            for making in makings
        ]
        await until(lambda: script.built == 2)
        documents.close()
        told = await asyncio.gather(*waiting[2:], return_exceptions=True)
        assert [type(error) for error in told] == [Busy, Busy]
        script.gate.set()
        for answer in await asyncio.gather(*waiting[:2]):
            text_of(answer)
        for making in makings:
            making.end("failed")

    asyncio.run(ask())
