"""What surrounds an article on its page, told by names of elements and by the shape of lines.

Names and shapes only, never the words of one site. A reason is what `--explain` prints.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from lxml import etree

from narrator.reading.dom import shown_text
from narrator.reading.embeds import embed_kind

TAGS: Mapping[str, str] = {
    "aside": "aside", "footer": "page footer", "form": "form", "nav": "navigation",
}  # fmt: skip
"""Element -> reason, where it holds the lesser part of the article."""

ROLES: Mapping[str, str] = {
    "alertdialog": "dialog", "banner": "page header", "complementary": "aside",
    "contentinfo": "page footer", "dialog": "dialog", "doc-bibliography": "footnote",
    "doc-endnotes": "footnote", "doc-footnote": "footnote", "doc-toc": "table of contents",
    "navigation": "navigation", "search": "search box",
}  # fmt: skip

_NAMES: Mapping[str, str] = {
    "share bar": "share|shares|sharing|sharebar|social|socials|social-?media|sharedaddy|addtoany"
    "|addthis|jp-relatedposts|compartir|partage|partager|teilen|condividi",
    "navigation": "nav|navbar|navigation|breadcrumbs?|pagination|pager|skip-link|post-nav"
    "|prev-next|nextprev|site-menu|menu",
    "table of contents": "toc|toctree|table-of-contents|contents-list",
    "cookie banner": "cookies?|cookie-banner|cookiebar|consent|gdpr|onetrust|cmp",
    "comments": "comments?|comment-list|comments-area|disqus|livefyre|respond|discussion"
    "|comentarios?|comentar|commentaires?|kommentare?|commenti|komentarze|reacties|yorumlar",
    "related links": "related|related-posts|recommended|recommendations?|read-more|readmore"
    "|read-also|read-next|more-from|more-stories|also-like|see-also|outbrain|taboola|trending"
    "|popular|most-read|most-popular|recirc|recirculation|further-reading|up-next|next-article"
    "|relacionad[oa]s|verwandte|zum-thema|lire-aussi|a-lire|leggi-anche|lees-ook|mas-leid[oa]s"
    "|meistgelesen|plus-lus|similares|similaires",
    "newsletter box": "newsletters?|subscribe|subscription|signup|sign-up|mailing-list|optin"
    "|mc-embed|email-capture",
    "promotion": "promo|promos|promotion|promobox|cta|call-to-action|marketing|upsell|donate"
    "|donation|app-download|in-house",
    "advertisement": "ad|ads|advert|adverts|advertisement|advertising|adsense|adslot|ad-slot"
    "|ad-unit|dfp|sponsor|sponsored|sponsor-message|banner-ad"
    "|publicidad|publicite|werbung|anzeige|reklama|pubblicita",
    "paywall": "paywall|regwall|piano|login|signin|sign-in|subscriber-only",
    "author box": "author|author-box|author-bio|author-info|author-card|about-author|authors"
    "|about-the-author|bio|vcard|contributor|contributors",
    "byline": "byline|bylines|dateline|meta|post-meta|entry-meta|article-meta|postmeta"
    "|meta-data|posted-on|timestamp|pubdate|published|updated|source-line|reading-time"
    "|read-time|entry-date|post-date|article-date|article-info|post-info",
    "tags": "tags|tag-list|tag-cloud|post-tags|article-tags|entry-tags|categories|cat-links"
    "|topics|keywords|catlinks",
    "listen button": "listen|listen-button|audio-player|text-to-speech|tts|readspeaker|beyondwords",
    "sidebar": "sidebar|side-bar|widget|widgets|widget-area|right-rail|left-rail",
    "footnote": "footnotes?|footnotes-list|reflist|references|endnotes",
    "page header": "site-header|masthead|page-header-top|topbar",
    "page footer": "footer|site-footer|footer-links|colophon|copyright|legal|imprint|printfooter",
    "summary box": "infobox|navbox|vertical-navbox|sidebar-box|ambox|hatnote|sistersitebox"
    "|mw-jump-link|mw-empty-elt|authority-control",
    "edit or vote controls": "vote|votes|voting|rating|ratings|likes|reactions|toolbar|actions"
    "|print-button|feedback|was-this-helpful|edit-page|edit-link|jump-to-recipe",
}

_NAME_RULES = [
    (reason, re.compile(rf"(?:^|[\s-])(?:{names})(?:$|[\s-])")) for reason, names in _NAMES.items()
]

_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}

_NAMED_BY_ID = {"aside", "div", "footer", "form", "header", "nav", "ol", "table", "ul"}

_SEPARATORS = re.compile(r"[_-]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

_NOTE_BOX = re.compile(
    r"(?:^|[\s-])(?:note|tip|hint|warning|caution|danger|important|info|callout|admonition|alert"
    r"|attention|notecard)(?:$|[\s-])"
)
"""Names of boxes that are part of the text though they are asides."""

STANDFIRST = re.compile(
    r"(?:^|[\s-])(?:lead|lede|standfirst|stand-first|dek|deck|descr?|subtitle|sub-title|subhead|subheading"
    r"|chapo|chapeau|vorspann|anrisstext|untertitel|entradilla|subtitulo|bajada|sumario|sommario"
    r"|ingress|manchet|anons|announce|preface|subheadline|summary|excerpt|intro|introduction|teaser|kicker|abstract|description)(?:$|[\s-])"
)
"""Names of the paragraph between the headline and the body."""

_BODY = re.compile(
    r"(?:^|[\s-])(?:article|story|post|entry|news)-?(?:body|text|content|copy)(?:$|[\s-])"
)
_NEVER_BODY = {"comments", "related links", "share bar", "author box"}

_MOST_ENTRIES = 200
_BOX_WORDS = 60
"""Of more words a box holds a part of the article as well."""

_BUILT = 4
"""So many names, most of them short, are made by a tool."""

_SHORT = 3

_TABULAR = {"table", "tbody", "td", "tr"}
_LEADING = ("a", "audio", "button", "form", "iframe", "input", "select", "video")
_FACT_WORDS = 25

_PULL_QUOTE = re.compile(r"(?:^|[\s-])pull-?quote(?:$|[\s-])")


def names_of(element: etree._Element) -> str:
    """Class names and id of an element as lower-case words joined by hyphens.

    The id of a heading or of a section is made from the words of the heading. Of many names of
    two or three letters, as tools that build style sheets give, none says anything.
    """
    raw = element.get("class") or ""
    names = raw.split()
    if len(names) >= _BUILT and sum(len(name) <= _SHORT for name in names) * 4 >= 3 * len(names):
        raw = " ".join(name for name in names if len(name) > _SHORT)
    if element.tag in _NAMED_BY_ID and "section" not in raw:
        raw = f"{raw} {element.get('id') or ''}"
    return _SEPARATORS.sub("-", _CAMEL.sub("-", raw)).lower()


def reason_of_element(element: etree._Element) -> str:
    """The kind of furniture that an element is by its tag, role and names, empty if none."""
    if embed_kind(element) == "post":
        return "embedded post"
    names = names_of(element)
    if element.tag == "aside" and _NOTE_BOX.search(names):
        return ""
    parent = element.getparent()
    if element.tag == "footer" and parent is not None and parent.tag == "blockquote":
        return ""
    for reason, pattern in _NAME_RULES:
        if element.tag in _HEADINGS and reason in ("navigation", "table of contents"):
            continue  # A name such as "anchor-below-navbar" says how a heading is scrolled to.
        if pattern.search(names) and not (reason not in _NEVER_BODY and may_be_body(element)):
            return reason
    return ROLES.get(element.get("role") or "", "") or TAGS.get(str(element.tag), "")


def entry_boxes(root: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """Each box of few words in which a reader is to write or to choose something, with its
    reason: a newsletter's, a poll's. No form need be around it."""
    for entry in islice(root.iter("input"), _MOST_ENTRIES):
        kind = (entry.get("type") or "text").lower()
        if kind not in ("text", "email", "radio"):
            continue
        box: etree._Element | None = None
        outer = entry.getparent()
        while outer is not None and _has_few_words(outer):
            box, outer = outer, outer.getparent()
        if box is not None and box.tag not in ("body", "html"):
            yield box, "poll" if kind == "radio" else "newsletter box"


def _has_few_words(element: etree._Element) -> bool:
    words = 0
    for text in element.itertext():
        words += len(text.split())
        if words > _BOX_WORDS:
            return False
    return True


def is_fact_box(element: etree._Element) -> bool:
    """Whether the element tells something at length, and neither leads away nor asks."""
    if element.tag in _TABULAR or any(True for _ in element.iter(*_LEADING)):
        return False
    text = shown_text(element)
    return len(text.split()) >= _FACT_WORDS and text.endswith((".", "!", "?", "…"))


def may_be_body(element: etree._Element) -> bool:
    """Whether the element is marked or named as the text of an article."""
    if "articleBody" in (element.get("itemprop") or element.get("property") or "").split():
        return True
    return _BODY.search(names_of(element)) is not None


def is_pull_quote(element: etree._Element) -> bool:
    """Whether the element is named as a quote taken from the text to adorn it."""
    return _PULL_QUOTE.search(names_of(element)) is not None
