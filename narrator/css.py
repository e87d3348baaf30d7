"""CSS selectors, which sites write to say how elements of their pages are treated."""

from __future__ import annotations

from narrator.errors import SettingsError


def xpath(selector: str) -> str:
    """The XPath of a CSS selector as pages mean it; SettingsError where it is none, or needs what
    a page does not tell, such as a namespace."""
    from cssselect import HTMLTranslator, SelectorError
    from lxml import etree

    try:
        path = HTMLTranslator().css_to_xpath(selector, prefix="descendant-or-self::")
        etree.XPath(path)(etree.Element("html"))
    except (SelectorError, etree.XPathError) as error:
        raise SettingsError(
            f"In [policy] {selector[:80]!r} is no CSS selector: {str(error).rstrip('.')}. "
            "Write one such as '.author-box' or 'table.wide', in quotes."
        ) from error
    return path
