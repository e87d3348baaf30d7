"""Which hosts a pattern names."""

from __future__ import annotations

import pytest

from narrator.service.hosts import allowed

YES = [
    ("https://example.org/a?b#c", "example.org"),
    ("HTTP://EXAMPLE.org/", "Example.ORG"),
    ("https://example.org./a", "example.org"),
    ("https://example.org:443/", "example.org"),
    ("http://example.org:80/", "example.org"),
    ("https://a.example.org/", "*.example.org"),
    ("https://a.b.example.org/", "*.example.org"),
    ("https://anything.example/", "*"),
    ("http://127.0.0.1:8000/", "127.0.0.1:8000"),
    ("http://127.0.0.1:8000/", "127.0.0.1:*"),
    ("http://anything.example:81/", "*:*"),
    ("http://[::1]:8000/", "[::1]:8000"),
    ("http://[::1]/", "[::1]"),
]

NO = [
    ("https://example.org.evil.example/", "example.org"),
    ("https://evil.example/example.org", "example.org"),
    ("https://example.org@evil.example/", "example.org"),
    ("https://notexample.org/", "*.example.org"),
    ("https://example.org/", "*.example.org"),
    ("https://.example.org/", "*.example.org"),
    ("https://a.example.org/", "example.org"),
    ("https://example.org:8443/", "example.org"),
    ("http://example.org:443/", "example.org"),
    ("http://anything.example:81/", "*"),
    ("ftp://example.org/", "*"),
    ("file:///etc/passwd", "*"),
    ("https:///nowhere", "*"),
    ("https://example.org:99999/", "*:*"),
    ("http://[::1/", "*"),
    ("http://[::2]/", "[::1]"),
    ("", "*"),
    ("https://exampleXorg/", "example.org"),
]


@pytest.mark.parametrize(("url", "pattern"), YES)
def test_a_pattern_names_its_hosts(url: str, pattern: str) -> None:
    assert allowed(url, ["other.example", pattern])


@pytest.mark.parametrize(("url", "pattern"), NO)
def test_and_no_others(url: str, pattern: str) -> None:
    assert not allowed(url, ["other.invalid", pattern])


def test_without_patterns_there_is_no_host() -> None:
    assert not allowed("https://example.org/", [])
