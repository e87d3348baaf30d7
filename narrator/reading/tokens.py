"""The tokens of markdown-it -> drafts in reading order, and what is left out of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import unescape

from markdown_it.token import Token

from narrator.model import BlockKind, MarkKind, Omission
from narrator.reading.blocks import Draft, has_words, normalized, omission, preformatted
from narrator.reading.dialects import TOKEN
from narrator.reading.inline import Writing, tag_marks
from narrator.reading.room import Room

_DATA = {"say": "data-say"}
"""An attribute in braces, `[text]{say="..."}` -> the attribute of HTML that means the same."""

_TAG = re.compile(r"<(?P<close>/?)(?P<name>[a-zA-Z][\w-]*)(?P<attributes>[^>]*)>")
_ATTRIBUTE = re.compile(r"([\w:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")

_UNSEEN_TAGS = {"script", "style", "template"}

_CALLOUT = re.compile(r"\[!(\w+)\][+-]?")

_FILE_NAME = re.compile(r"\S+\.\w{2,4}|(?:img|dsc|image|photo|screenshot)[\W\d_]*", re.IGNORECASE)

_ANCHOR = re.compile(r"\s*[#¶§🔗⚓]+\s*$")
"""The sign at the end of a heading that links to it."""

_CAPTION_WORDS = 3
"""An image's alternative text of fewer words names it ("logo"), it does not tell anything."""


@dataclass(slots=True)
class _List:
    """A list that is open: the number of its next item, None where it has bullets."""

    next: int | None


class TokenWalk:
    """Takes the tokens in order and collects drafts and omissions."""

    def __init__(self, room: Room | None = None) -> None:
        self._room = room or Room()
        self.drafts: list[Draft] = []
        self.omissions: list[Omission] = []
        self._writing = Writing()
        self._places: list[BlockKind] = []
        self._lists: list[_List] = []
        self._label = ""
        self._footnote: list[str] | None = None
        self._cell_start = 0
        self._unseen = ""
        self._headers: list[str] = []
        self._column = 0

    def take(self, token: Token) -> None:
        """One block token; unknown ones hold nothing to be read."""
        rule = getattr(self, f"_on_{token.type}", None)
        if rule is not None:
            rule(token)

    # Headings, paragraphs and what holds them

    def _on_inline(self, token: Token) -> None:
        if self._footnote is not None:
            self._footnote.append(token.content)
            return
        children: Sequence[Token] = token.children or []
        if children and self._places[-1:] == ["quote"]:
            children = _without_callout(children)
        if _only_images(children):
            for child in children:
                if child.type == TOKEN:
                    self._on_aside_markup(child)
                elif child.type == "image":
                    self._lone_image(child)
            return
        for child in children:
            self._take_inline(child)

    def _on_heading_close(self, token: Token) -> None:
        self._finish("heading", level=int(token.tag[1]))
        if self.drafts and self.drafts[-1].kind == "heading":
            self.drafts[-1] = _without_anchor(self.drafts[-1])

    def _on_paragraph_close(self, token: Token) -> None:
        self._finish_here()

    _on_alert_title_close = _on_paragraph_close

    def _on_dt_close(self, token: Token) -> None:
        self._finish("list_item", level=len(self._lists) + 1)

    def _on_blockquote_open(self, token: Token) -> None:
        self._places.append("quote")

    def _on_blockquote_close(self, token: Token) -> None:
        self._places.pop()

    def _on_bullet_list_open(self, token: Token) -> None:
        self._lists.append(_List(None))

    def _on_ordered_list_open(self, token: Token) -> None:
        start = token.attrs.get("start", 1)
        self._lists.append(_List(int(start)))

    def _on_bullet_list_close(self, token: Token) -> None:
        self._lists.pop()

    _on_ordered_list_close = _on_bullet_list_close

    def _on_list_item_open(self, token: Token) -> None:
        self._places.append("list_item")
        current = self._lists[-1]
        self._label = ""
        if current.next is not None:
            self._label = f"{current.next}."
            current.next += 1

    def _on_list_item_close(self, token: Token) -> None:
        self._places.pop()
        self._label = ""

    def _on_dd_open(self, token: Token) -> None:
        self._places.append("list_item")
        # A definition lies one level below its term.
        self._lists += (_List(None), _List(None))

    def _on_dd_close(self, token: Token) -> None:
        self._places.pop()
        del self._lists[-2:]

    # Code, formulas, tables, HTML, footnotes

    def _on_fence(self, token: Token) -> None:
        code = preformatted(token.content)
        kind: BlockKind = "formula" if token.info.strip() == "math" else "code"
        if has_words(code):
            self._add(Draft(kind, code))

    def _on_code_block(self, token: Token) -> None:
        self._on_fence(token)

    def _on_math_block(self, token: Token) -> None:
        self._writing.write(token.content)
        self._finish("formula")

    _on_math_block_label = _on_amsmath = _on_math_block

    def _on_thead_open(self, token: Token) -> None:
        self._headers = []

    def _on_tr_open(self, token: Token) -> None:
        self._column = 0

    def _on_tr_close(self, token: Token) -> None:
        self._finish("table_row")

    def _on_th_open(self, token: Token) -> None:
        if self._column:
            self._writing.tab()
        self._cell_start = self._writing.length

    _on_td_open = _on_th_open

    def _on_th_close(self, token: Token) -> None:
        start, end = self._cell_start, self._writing.length
        header = self._writing.written(start, end)
        self._headers.append(header)
        self._end_cell(header)

    def _on_td_close(self, token: Token) -> None:
        known = self._column < len(self._headers)
        self._end_cell(self._headers[self._column] if known else "")

    def _end_cell(self, header: str) -> None:
        if header and self._writing.length > self._cell_start:
            self._writing.mark("cell", self._cell_start, self._writing.length, header)
        self._column += 1

    def _on_html_block(self, token: Token) -> None:
        from narrator.reading.page import fragment_drafts

        drafts, omissions = fragment_drafts(token.content, self._room)
        for draft in drafts:
            self._add(draft)
        self.omissions += omissions

    def _on_aside_markup(self, token: Token) -> None:
        self._leave_out(token.content, token.info)
        shown = token.meta.get("shown", "")
        if has_words(shown):
            self._add(Draft("caption", normalized(shown)))

    def _on_footnote_open(self, token: Token) -> None:
        self._footnote = []

    def _on_footnote_close(self, token: Token) -> None:
        self.omissions.append(omission(" ".join(self._footnote or ()), "footnote"))
        self._footnote = None

    # What stands inside a line

    def _take_inline(self, token: Token) -> None:
        if token.type == "html_inline":
            self._html(token.content)
        elif self._unseen:
            return
        elif token.type == "text":
            self._writing.write(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            self._writing.space()
        elif token.type == "code_inline":
            self._written(token.content, _attribute_marks(token))
        elif token.type in ("math_inline", "math_inline_double"):
            self._written(token.content, [("formula", token.content.strip())])
        elif token.type == "footnote_ref":
            self._written(f"[{int(token.meta['id']) + 1}]", [("footnote", "")])
        elif token.type == "image":
            self._leave_out(token.content, "image")
        elif token.type == TOKEN:
            self._leave_out(token.content, token.info)
            self._writing.write(f" {token.meta['shown']} " if token.meta else "")
        elif token.nesting == 1:
            self._writing.open(token.tag, _attribute_marks(token))
        elif token.nesting == -1:
            self._writing.close(token.tag)

    def _written(self, text: str, marks: Sequence[tuple[MarkKind, str]]) -> None:
        self._writing.open("", marks)
        self._writing.write(text)
        self._writing.close("")

    def _html(self, markup: str) -> None:
        tag = _TAG.match(markup)
        if tag is None:
            return  # A comment or a declaration.
        name = tag["name"].lower()
        if tag["close"]:
            self._unseen = "" if name == self._unseen else self._unseen
            self._writing.close(name)
        elif self._unseen:
            return
        elif name in _UNSEEN_TAGS:
            self._unseen = name
        elif name == "br":
            self._writing.space()
        else:
            values = {
                key.lower(): unescape(next(filter(None, value), ""))
                for key, *value in _ATTRIBUTE.findall(tag["attributes"])
            }
            self._writing.open(name, tag_marks(name, values))

    def _lone_image(self, image: Token) -> None:
        caption = normalized(image.content)
        if len(caption.split()) < _CAPTION_WORDS or _FILE_NAME.fullmatch(caption):
            self._leave_out(caption, "image")
        else:
            self._add(Draft("caption", caption))

    def _leave_out(self, text: str, reason: str) -> None:
        if has_words(text):
            self.omissions.append(omission(text, reason))

    # Drafts

    def _finish_here(self) -> None:
        """A paragraph ends: it is whatever the innermost list or quote makes of it."""
        if not self._places:
            self._finish("paragraph")
        elif self._places[-1] == "quote":
            self._finish("quote", level=self._places.count("quote"))
        else:
            self._finish("list_item", level=len(self._lists))

    def _finish(self, kind: BlockKind, *, level: int = 0) -> None:
        text, marks = self._writing.cut()
        # Inline HTML that was never closed ends with its block.
        self._writing, self._unseen = Writing(), ""
        if has_words(text):
            self._add(Draft(kind, text, level, marks=marks))

    def _add(self, draft: Draft) -> None:
        self._room.look(len(draft.text))
        if draft.kind == "list_item" and self._label:
            self.drafts.append(replace(draft, label=self._label))
            self._label = ""
        else:
            self.drafts.append(draft)


def _only_images(children: Sequence[Token]) -> bool:
    """Whether a paragraph shows nothing but images, or shortcodes for them: then their texts
    stand for captions."""
    blank = ("text", "softbreak")
    seen = [each for each in children if each.content.strip() or each.type not in blank]
    return bool(seen) and all(each.type in ("image", TOKEN) for each in seen)


def _without_anchor(heading: Draft) -> Draft:
    """The heading without the sign at its end by which it can be linked to."""
    text = _ANCHOR.sub("", heading.text)
    marks = (replace(mark, end=min(mark.end, len(text))) for mark in heading.marks)
    return replace(heading, text=text, marks=tuple(m for m in marks if m.start < m.end))


def _without_callout(children: Sequence[Token]) -> Sequence[Token]:
    """The line without the `[!note]` with which some editors begin a quote that is a box."""
    first = children[0]
    rest = _CALLOUT.sub("", first.content, count=1) if _CALLOUT.match(first.content) else None
    return children if rest is None else [first.copy(content=rest), *children[1:]]


def _attribute_marks(token: Token) -> list[tuple[MarkKind, str]]:
    return tag_marks(token.tag, {_DATA.get(key, key): str(v) for key, v in token.attrs.items()})
