"""Takedowns of articles, and their end.

First this process plays the article no more, then the library is told, so that no process does, and
then what only this article needs is removed. Whoever stores a narration looks for a takedown after
it has noted the version (`desk._store`), and a takedown looks for versions after it is stored: one
of the two finds the other.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import chain
from threading import Lock

from narrator.errors import Ambiguous, LibraryError, NotFound, StorageFull, TakenDown
from narrator.library import NARRATIONS
from narrator.model import Article, Plan
from narrator.reading.spellings import Address, address_of
from narrator.service.makings import Making
from narrator.service.products import words_of
from narrator.service.requests import Request, article_id
from narrator.service.shelf import (
    REQUESTS,
    TOMBSTONES,
    About,
    Manifest,
    Shelf,
    addresses_of,
    taken_down,
)
from narrator.service.takedowns import STONE, Belongings, Claim, mark_of
from narrator.service.workshop import Workshop

log = logging.getLogger("narrator.service")

SPARE = ("spare/s1-one.bin", "spare/s1-two.bin")
"""Files without use, which make room for the records of a takedown where a disk is full."""

SPARE_BYTES = 64 << 10

Write = Callable[[str, bytes], None]


class Withdrawals:
    """Takes articles of a library down and restores them. Everything blocks; from any thread."""

    def __init__(self, shelf: Shelf, workshop: Workshop) -> None:
        self.shelf = shelf
        self.library = shelf.library
        self.takedowns = shelf.takedowns
        self.workshop = workshop
        self._turn = Lock()

    def take_down(self, article: str) -> Belongings:
        """Take an article down; what it was known by. NotFound where nobody knows it, TakenDown
        where nothing was left to do. StorageFull, LibraryError: this process plays nothing of it,
        and it has to be asked for again, so that the others know and it lasts."""
        with self._turn:
            self.takedowns.hold(article, self._in_work(article))
            try:
                found, failure = self._belongings(article)
                self.takedowns.hold(article, found)
                if failure is not None:
                    raise failure
                if not (found.narrations or found.addresses or self.takedowns.stored(article)):
                    self.takedowns.release(article)
                    raise NotFound(f"There is no article {article[:130]!r}.")
                news = self._carried_out(article, found)
            except (StorageFull, LibraryError) as error:
                raise _unfinished(article, error) from error
            self.takedowns.release(article)
            if not news:
                raise TakenDown(f"The article {article!r} was taken down already.")
            return found

    def take_down_narration(self, narration_id: str, own: About | None) -> tuple[str, Belongings]:
        """Take down the article that has a narration; its id and what it was known by. `own` is
        what the narration itself says of its article. Ambiguous where several have it that are
        up; errors as those of `take_down`."""
        if own is None:
            need = dict(self.shelf.needs.all()).get(narration_id)
            own = About(need.article, need.url) if need else None
        marks = {mark_of(own.article): own} if own else {}
        for mark, about in self.shelf.users([narration_id])[narration_id].items():
            if about is not None or mark not in marks:
                marks[mark] = about or About("")
        up = [about for mark, about in marks.items() if _is_up(self.shelf, mark, about)]
        known = [about for about in up if about.article]
        for about in known:
            places = addresses_of(about)
            if all(
                other is about or any(a.covers(b) for a in places for b in addresses_of(other))
                for other in up
            ):
                return about.article, self.take_down(about.article)
        if known:
            names = sorted(about.article for about in known)
            raise Ambiguous(
                f"The narration {narration_id} belongs to {len(up)} articles: {', '.join(names)}. "
                "Take down the one that you mean: DELETE /v1/articles/{id}."
            )
        self.shelf.take_down(narration_id)
        self.workshop.abandon(narration_id, taken_down(narration_id))
        return "", Belongings(narrations=frozenset({narration_id}))

    def restore(self, article: str) -> Belongings:
        """End the takedown of an article; what it is known by. NotFound where it is not down,
        Ambiguous where it is by the takedown of another."""
        with self._turn:
            found, failure = self._belongings(article)
            if failure is not None:
                raise failure
            names = self.takedowns.stored(article)
            down = bool(names) or self.takedowns.is_held(article)
            stones = list(self._stones(article, found, own_only=not down))
            if not (down or stones):
                others = self.takedowns.keepers(found.addresses)
                if others:
                    raise Ambiguous(
                        f"The address of {article!r} is down by the takedown of another article: "
                        f"{', '.join(sorted(others))}. Restore that."
                    )
                raise NotFound(f"The article {article[:130]!r} is not taken down.")
            self._withdraw_passing(article, found)  # So that nothing comes back with it.
            for name in (*stones, *names):  # The article's own is the last: it may be tried again.
                self.library.remove(name)
            self.takedowns.release(article)
            return found

    def withdraw_unused(self, narration_id: str, article: str) -> None:
        """Withdraw a narration if no article that is up has it, after the takedown of this one."""
        with self._turn:
            if narration_id in self._doomed(Belongings(narrations=frozenset({narration_id}))):
                self.shelf.bury(narration_id, article, self.library.write)
                self._end(narration_id)

    def passed(self, request: Request, planned: Plan, claim: Claim) -> Manifest | Making:
        """The planned narration, finished or on its way, of no article that lasts; its request is
        stored among the passing ones. TakenDown where the article of the claim was meanwhile."""
        passing = self.workshop.passing
        if self.library.size(f"{NARRATIONS}{planned.id}.json") is None:
            self.shelf.lift(planned.id)  # Of another article with the same words.
        found: Manifest | Making | None = self.shelf.sound(planned.id)
        if found is None and self.workshop.find(planned.id) is None:
            found = passing.up(planned.id)
            if found is not None:
                passing.heard(planned.id)
            else:
                passing.shelf.reopen(planned.id)
                passing.shelf.keep(request)
        if found is None:
            found = self.workshop.begin(request, planned, claim)
        if self.takedowns.claim_down(claim):  # Again: it may have been while this was begun.
            if isinstance(found, Making):
                self.look_at(found)
            raise taken_down(planned.id)
        return found

    def look(self) -> None:
        """Stop what is being made here for articles that are down, by whatever process."""
        for making in self.workshop.makings():
            self.look_at(making)

    def look_at(self, making: Making) -> None:
        """Stop a making if all articles that it is for are down."""
        claims = making.claims
        if not claims or not all(map(self.takedowns.claim_down, claims)):
            return
        if making.request.passing:
            self.workshop.abandon(making.id, taken_down(making.id), only=making)
            self.workshop.passing.shelf.drop_request(making.id)
            return
        self.withdraw_unused(making.id, claims[-1].article)
        if making.wanted:  # Another article has it, as another process noted.
            users = self.shelf.users([making.id])[making.id]
            making.claims += tuple(
                Claim(about.article, about.url, about.asked)
                for mark, about in users.items()
                if about is not None and _is_up(self.shelf, mark, about)
            )

    def clear_up(self) -> None:
        """Remove what takedowns left: of a narration that was just being stored, or what could not
        be removed then."""
        down = {_narration_of(entry.name) for entry in self.library.entries(TOMBSTONES)}
        for entry in list(self.library.entries(NARRATIONS)):
            if _narration_of(entry.name) in down:
                self._end(_narration_of(entry.name))

    def keep_spare(self) -> None:
        """See that there is something to give away when the disk is full; where there is a disk,
        and it can be written."""
        if self.library.free() is None:
            return
        with suppress(StorageFull, LibraryError):
            for name in SPARE:
                if self.library.size(name) is None:
                    self.library.write(name, os.urandom(SPARE_BYTES))

    def _carried_out(self, article: str, found: Belongings) -> bool:
        """Store that an article is down and remove what only it needs; whether anything was left
        to do."""
        doomed = self._doomed(found)
        write = self._writer(doomed)
        for narration_id in doomed:
            self.workshop.abandon(narration_id, taken_down(narration_id))
        news = False
        for name, of in self.takedowns.names(article, found).items():
            if self.library.size(name) is None:
                write(name, self.takedowns.stone(article, of))
                news = True
        # Once more: what others stored until they could see the records.
        now, failure = self._belongings(article)
        if failure is not None:
            raise failure
        doomed |= self._doomed(found | now)
        for narration_id in sorted(doomed):
            news |= self.shelf.bury(narration_id, article, write)
        for narration_id in sorted(doomed):
            news |= self._end(narration_id)
        try:
            self._withdraw_passing(article, found | now)
        except (StorageFull, LibraryError) as error:
            self.workshop.passing.grown = True  # So that the next round sweeps it.
            log.error("what passes of a takedown stays: %s", error)
        return news

    def _withdraw_passing(self, article: str, found: Belongings) -> None:
        """Remove what listeners chose of an article, and what they asked for and is not made."""
        self.workshop.passing.withdraw(
            lambda named, url: named == article or self._covered(found, [url])
        )

    def _end(self, narration_id: str) -> bool:
        """Stop and remove what is left of a narration or request that is down; whether anything
        was. What cannot be removed stays until the next sweep."""
        self.workshop.abandon(narration_id, taken_down(narration_id))
        had = self.library.size(f"{REQUESTS}{narration_id}.json") is not None
        self.shelf.drop_request(narration_id)
        try:
            return self.shelf.clear(narration_id) > 0 or had
        except LibraryError as error:
            log.error("files of a takedown stay: %s", error, extra={"narration": narration_id})
            return had

    def _writer(self, doomed: Iterable[str]) -> Write:
        """Writes, and gives away for it, where the disk is full, what is to go anyway and what is
        kept for this."""

        def empty() -> None:
            for narration_id in doomed:
                with suppress(LibraryError):
                    self.shelf.clear(narration_id)

        def spend() -> None:
            for name in SPARE:
                if self.library.size(name) is not None:
                    self.library.remove(name)
                    return

        def write(name: str, data: bytes) -> None:
            for make_room in (empty, spend, spend):
                try:
                    self.library.write(name, data)
                except StorageFull:
                    make_room()
                else:
                    return
            self.library.write(name, data)

        return write

    def _belongings(self, article: str) -> tuple[Belongings, StorageFull | LibraryError | None]:
        """What the library and this process know an article by, as far as the library can be read;
        and why not further."""
        addresses: set[Address] = set()
        words: dict[str, str] = {}
        narrations = set()
        failures: list[StorageFull | LibraryError] = []

        @contextmanager
        def far() -> Iterator[None]:
            try:
                yield
            except (StorageFull, LibraryError) as error:
                failures.append(error)

        with far():
            for note in self.shelf.notes(article):
                narrations.add(note.narration)
                addresses.update(addresses_of(self.shelf.about(note) or About(article)))
        with far():
            for narration_id, need in self.shelf.needs.all():
                if need.article == article:
                    narrations.add(narration_id)
                    addresses |= _addresses([need.url])
                if narration_id in narrations and need.words:
                    words[need.words] = narration_id
        with far():
            for narration_id, need in self.workshop.passing.shelf.needs.all():
                if need.article == article:
                    narrations.add(narration_id)
                    addresses |= _addresses([need.url])
        found = self._in_work(article)
        with far():
            for request in self.shelf.sound_requests():
                if _article_of(request, request.article, request.id) == article:
                    found |= _known_by(request, request.article, request.id)
        words |= dict.fromkeys(found.words, "")
        with far():
            words = {w: name for w, name in words.items() if not self._is_another(article, name)}
        known = Belongings(frozenset(addresses), frozenset(words), frozenset(narrations))
        return found | known, failures[0] if failures else None

    def _is_another(self, article: str, narration_id: str) -> bool:
        """Whether the words of a narration without a name are an article of their own that is
        up."""
        nameless = article_id("", "", narration_id)
        return bool(
            narration_id
            and nameless != article
            and self.shelf.versions(nameless)
            and not self.takedowns.is_down(nameless)
        )

    def _in_work(self, article: str) -> Belongings:
        """What of an article is being made by this process; asks nothing of the library."""
        found = Belongings()
        for making in self.workshop.makings():
            said = making.planned.article
            if _article_of(making.request, said, making.id) == article:
                found |= _known_by(making.request, said, making.id)
        return found

    def _doomed(self, found: Belongings) -> set[str]:
        """The narrations, and requests, that no article has that is up: of those found, and of all
        others at an address that is down now."""
        affected = set(found.narrations)
        for narration_id, need in chain(
            self.shelf.needs.all(), self.workshop.passing.shelf.needs.all()
        ):
            if self._covered(found, [need.url]):
                affected.add(narration_id)
        for request in self.shelf.sound_requests():
            said = request.article
            if self._covered(found, [request.url, said.url if said else ""]):
                affected.add(request.id)
        for making in self.workshop.makings():
            if self._covered(found, [making.request.url, making.planned.article.url]):
                affected.add(making.id)
        users = self.shelf.users(affected)
        claimed = {
            making.id
            for making in self.workshop.makings()
            if making.id in affected and not all(map(self.takedowns.claim_down, making.claims))
        }
        return {
            narration_id
            for narration_id in affected - claimed
            if not any(
                _is_up(self.shelf, mark, about or About(""))
                for mark, about in users[narration_id].items()
            )
        }

    def _covered(self, found: Belongings, urls: Iterable[str]) -> bool:
        return any(a.covers(b) for b in _addresses(urls) for a in found.addresses)

    def _stones(self, article: str, found: Belongings, *, own_only: bool) -> Iterator[str]:
        """The names of the tombstones of narrations that are down by the takedown of an article, or
        are its own: all of these, or only those that name no article, as earlier versions wrote
        them."""
        for entry in self.library.entries(TOMBSTONES):
            stone = self.shelf.records.sound(entry.name, STONE)
            named = stone.article if stone else ""
            own = _narration_of(entry.name) in found.narrations
            if named == article or (own and not (own_only and named)):
                yield entry.name


def check_up(shelf: Shelf, request: Request, said: Article, article: str) -> Claim:
    """The claim of an article to a narration; TakenDown where the article was, by its id, an
    address of it or, of a text without both, its words."""
    nameless = not (request.chosen or said.url or request.url)
    claim = Claim(article, said.url, request.url, words_of(said) if nameless else "")
    shelf.takedowns.check(article, {claim.url, claim.asked} - {""}, claim.words)
    return claim


def shown(shelf: Shelf, manifest: Manifest) -> Manifest | None:
    """The narration with what an article says of itself that has it and is up; None where there is
    no such article. Blocks."""
    own = About(manifest.article, manifest.url)
    if _is_up(shelf, mark_of(manifest.article), own):
        return manifest
    for mark, about in shelf.users([manifest.id])[manifest.id].items():
        if about is not None and _is_up(shelf, mark, about):
            return replace(
                manifest, article=about.article, url=about.url, author=about.author,
                date=about.date, summary=about.summary, listed=about.listed,
            )  # fmt: skip
    return None


def _is_up(shelf: Shelf, mark: str, about: About) -> bool:
    """Whether an article is up, by what stands for its id and by its addresses."""
    return not shelf.takedowns.mark_down(mark) and not any(
        shelf.takedowns.address_down(url) for url in (about.url, about.asked) if url
    )


def _narration_of(name: str) -> str:
    return name.rpartition("/")[2].removesuffix(".json")


def _unfinished(article: str, error: StorageFull | LibraryError) -> StorageFull | LibraryError:
    """The error for a takedown that this process carries out and could not store."""
    told = (
        f"This process plays nothing of the article {article!r} any more, but the takedown could "
        "not be stored: other processes may play it, and a restart undoes it. See that the "
        "library can be written and has room (the log says more), then send the same request again."
    )
    kind = StorageFull if isinstance(error, StorageFull) else LibraryError
    failure = kind(f"{told} {error}")
    failure.public = told
    return failure


def _article_of(request: Request, said: Article | None, some_id: str) -> str:
    return article_id(request.chosen, said.url if said else request.url, some_id)


def _known_by(request: Request, said: Article | None, some_id: str) -> Belongings:
    return Belongings(
        _addresses([request.url, said.url if said else ""]),
        frozenset({words_of(said)} if said else ()),
        frozenset({some_id}),
    )


def _addresses(urls: Iterable[str]) -> frozenset[Address]:
    return frozenset(a for a in (address_of(url) for url in urls if url) if a is not None)
