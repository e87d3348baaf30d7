"""Which articles a run is about, by what is told of them."""

from __future__ import annotations

from narrator.model import primary_language
from narrator.site.config import SiteTable
from narrator.site.gather import Item


def unwanted(site: SiteTable, *, section: str, date: str, language: str) -> str:
    """Why the run passes an article over, empty if it does not. `date` is ISO 8601, `language` a
    BCP 47 code, both empty where the article has none."""
    if site.only_sections and section not in site.only_sections:
        return f"in the section {section!r}" if section else "in no section"
    if (site.since or site.until) and not date:
        return "without a date"
    outside = _outside(site, date)
    codes = {primary_language(code) for code in site.only_languages}
    if not outside and codes and primary_language(language) not in codes:
        return f"in the language {language!r}" if language else "in no language that is told"
    return outside


def unwanted_by_listing(site: SiteTable, item: Item) -> str:
    """Why the run passes an article over that only its listing has told of; empty where it does
    not, or where the article itself must be read to know."""
    entry = item.entry
    if item.remote and entry is None:
        return ""  # It may be a listing.
    date, modified, language = (
        (entry.date, entry.modified, entry.language) if entry else ("", "", "")
    )
    if not date and modified and site.since and modified[: len(site.since)] < site.since:
        return f"last changed {modified[:10]}, before {site.since}"  # So it is older still.
    told = site.model_copy(
        update={
            **({} if date else {"since": "", "until": ""}),
            **({} if language else {"only_languages": ()}),
        }
    )
    return unwanted(told, section=item.section, date=date, language=language)


def _outside(site: SiteTable, date: str) -> str:
    if site.since and date[: len(site.since)] < site.since:
        return f"of {date[:10]}, before {site.since}"
    if site.until and date[: len(site.until)] > site.until:
        return f"of {date[:10]}, after {site.until}"
    return ""
