"""One target, fuzzed by atheris (libFuzzer) until the time is over:
`fuzz_child.py TARGET FOUND-FOLDER LIBFUZZER-ARGUMENT...`. What is found is written there and told
on stdout, a JSON object a line, as is how far it is; the run goes on."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from pathlib import Path

import atheris

WATCHED = ["narrator", "markdown_it", "mdit_py_plugins", "yaml", "feedparser", "tomllib"]
"""Packages whose branches guide the fuzzer."""

with atheris.instrument_imports(include=WATCHED):
    from fuzz_oracle import judge, shrunk
    from fuzz_targets import TARGETS


def main() -> None:
    """See above."""
    name, folder, *arguments = sys.argv[1:]
    target, found = TARGETS[name], Path(folder)
    known: set[str] = set()
    count, told_at = 0, 0.0

    def one(data: bytes) -> None:
        nonlocal count, told_at
        count += 1
        if time.monotonic() - told_at > 1:
            told_at = time.monotonic()
            print(json.dumps({"inputs": count}), flush=True)
        finding = judge(target, data)
        if finding is None or finding.kind in known:
            return
        known.add(finding.kind)

        def same(smaller: bytes) -> bool:
            other = judge(target, smaller)
            return other is not None and other.kind == finding.kind

        least = shrunk(data, same)
        path = found / f"{name}-{hashlib.sha256(least).hexdigest()[:12]}"
        path.write_bytes(least)
        told = {"kind": finding.kind, "detail": finding.detail, "path": str(path)}
        print(json.dumps(told), flush=True)

    atheris.Setup([sys.argv[0], *arguments], one)
    atheris.Fuzz()


main()
