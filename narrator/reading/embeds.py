"""What a page shows that is no text of its own: videos, sounds, other pages, posts, pictures."""

from __future__ import annotations

import re

from lxml import etree

from narrator.reading.blocks import normalized

_TAGS = {
    "audio": "sound", "embed": "page", "iframe": "page", "img": "image", "object": "page",
    "video": "video",
}  # fmt: skip

_POST = re.compile(
    r"(?:^|\s)(?:twitter-(?:tweet|video)|instagram-media|tiktok-embed|fb-(?:post|video|comment)"
    r"|reddit-(?:card|embed-bq)|bluesky-embed|mastodon-embed|imgur-embed-pub|text-post-media"
    r"|social-embed(?:-post)?|tumblr-post|wp-embedded-content|embedly-card)(?:\s|$)"
)

_VIDEO = re.compile(r"youtu|vimeo|dailymotion|twitch|rutube|video|player|jwplat|brightcove", re.I)
_SOUND = re.compile(r"soundcloud|spotify|podcast|audio|bandcamp|mixcloud", re.I)


def embed_kind(element: etree._Element) -> str:
    """ "video", "sound", "page", "post" or "image"; empty where the element is none of these."""
    if _POST.search(element.get("class") or ""):
        return "post"
    kind = _TAGS.get(str(element.tag), "")
    if kind == "page":
        source = element.get("src") or element.get("data-src") or element.get("data") or ""
        return "sound" if _SOUND.search(source) else "video" if _VIDEO.search(source) else "page"
    return kind


def embed_title(element: etree._Element) -> str:
    """The title that the page gives it for those who do not see it, often empty."""
    names = (element.get(name) for name in ("alt", "aria-label", "title"))
    return next((normalized(name) for name in names if name and name.strip()), "")
