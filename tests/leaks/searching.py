"""Looks for a word in bytes, also where it was written in another way."""

import base64
from collections.abc import Iterable
from urllib.parse import quote_plus


def spellings(word: str) -> set[bytes]:
    """The word as it may stand in a table, a log line, an address or a dump of bytes."""
    found: set[bytes] = set()
    for text in {word, word.lower(), word.upper()}:
        raw = text.encode()
        found |= {raw, raw.hex().encode(), raw.hex().upper().encode(), quote_plus(text).encode()}
        found |= {text.encode("utf-16-le"), text.encode("utf-16-be")}
        # A word anywhere inside base64 stands at one of three alignments; the ends depend on its neighbours.
        for before in range(3):
            coded = base64.b64encode(b"\0" * before + raw)
            found.add(coded[4 if before else 0 : len(coded) - 4])
    return {spelling for spelling in found if len(spelling) > 5}


def leaks(words: Iterable[str], place: str, haystack: bytes) -> list[str]:
    """Each word that was found, with the place and what stands around it."""
    hits = []
    for word in words:
        for spelling in spellings(word):
            at = haystack.find(spelling)
            if at >= 0:
                hits.append(f"{word} in {place}: {haystack[max(0, at - 60) : at + 60]!r}")
    return hits
