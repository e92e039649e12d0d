"""The words of a measure, apart from its structure: what a licence is about, and what a clinic may bring."""

import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256

from services.feedback.measures.domain.model import Item, Measure, Option


@dataclass(frozen=True, slots=True)
class ItemWording:
    """The words of one question and of its answers; `options` by code."""

    text: str
    hint: str | None = None
    low_label: str | None = None
    high_label: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one measure in one language."""

    language: str
    title: str
    intro: str
    stem: str
    items: Mapping[str, ItemWording]


def wording_of(measure: Measure) -> Wording:
    """The words that a measure carries; empty ones where it carries none."""
    return Wording(
        measure.language,
        measure.title,
        measure.intro,
        measure.stem,
        {
            item.id: ItemWording(
                item.text,
                item.hint,
                item.low_label,
                item.high_label,
                {option.code: option.text for option in item.options},
            )
            for item in measure.items
        },
    )


def with_wording(measure: Measure, wording: Wording) -> Measure:
    """The measure with these words; its structure, scoring and licence stay."""
    return replace(
        measure,
        language=wording.language,
        title=wording.title,
        intro=wording.intro,
        stem=wording.stem,
        items=tuple(_worded(item, wording.items[item.id]) for item in measure.items),
    )


def content_hash(wording: Wording) -> str:
    """
    SHA-256 over what the person reads, in hexadecimal: the same words have the same hash.

    Order of keys, line ends of a file and Unicode composition do not count; every letter does.
    """
    said = {
        "language": wording.language,
        "title": wording.title,
        "intro": wording.intro,
        "stem": wording.stem,
        "items": {
            name: [item.text, item.hint or "", item.low_label or "", item.high_label or "", dict(item.options)]
            for name, item in wording.items.items()
        },
    }
    text = unicodedata.normalize("NFC", json.dumps(said, ensure_ascii=False, sort_keys=True))
    return sha256(text.encode()).hexdigest()


def _worded(item: Item, words: ItemWording) -> Item:
    return replace(
        item,
        text=words.text,
        hint=words.hint,
        low_label=words.low_label,
        high_label=words.high_label,
        options=tuple(Option(option.code, words.options[option.code]) for option in item.options),
    )
