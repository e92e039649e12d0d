"""The shape of a definition file: which keys it has, and what may stand behind each of them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from services.feedback.measures.domain.evidence import Better, Mark
from services.feedback.measures.domain.licences import Context, LicenceClass
from services.feedback.measures.domain.model import Construct, Fill, Kind, Method, Moment, Rhythm, Side


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a file: where (a JSON path from `$`), and a plain sentence."""

    path: str
    sentence: str


Check = Callable[[Any, str], Iterator[Problem]]


def problems_of_shape(raw: object) -> list[Problem]:
    """Everything about the keys of a definition file and the kinds of their values."""
    return list(MEASURE(raw, "$"))


def text(value: Any, path: str) -> Iterator[Problem]:
    """Some words."""
    if not isinstance(value, str) or not value.strip():
        yield Problem(path, "Must be some words.")


def any_text(value: Any, path: str) -> Iterator[Problem]:
    """Words, or none."""
    if not isinstance(value, str):
        yield Problem(path, 'Must be text; "" where there is none.')


def yes_or_no(value: Any, path: str) -> Iterator[Problem]:
    """A boolean."""
    if not isinstance(value, bool):
        yield Problem(path, "Must be true or false.")


def number(value: Any, path: str) -> Iterator[Problem]:
    """A finite number; JSON's NaN and Infinity are none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1e9 < value < 1e9:
        yield Problem(path, "Must be a number.")


def whole(value: Any, path: str) -> Iterator[Problem]:
    """A whole number."""
    if isinstance(value, bool) or not isinstance(value, int) or not -1_000_000 < value < 1_000_000:
        yield Problem(path, "Must be a whole number.")


def positive(value: Any, path: str) -> Iterator[Problem]:
    """A number above zero."""
    wrong = list(number(value, path))
    yield from wrong
    if not wrong and value <= 0:
        yield Problem(path, "Must be more than 0.")


def day(value: Any, path: str) -> Iterator[Problem]:
    """A date such as 2026-03-02."""
    try:
        date.fromisoformat(value)
    except (TypeError, ValueError):
        yield Problem(path, "Must be a date such as 2026-03-02.")


def or_null(check: Check) -> Check:
    """The same, or null where it is not known."""

    def checked(value: Any, path: str) -> Iterator[Problem]:
        if value is not None:
            yield from check(value, path)

    return checked


def one_of(words: type[StrEnum]) -> Check:
    """One of a fixed set of words."""

    def checked(value: Any, path: str) -> Iterator[Problem]:
        if not isinstance(value, str) or value not in {word.value for word in words}:
            yield Problem(path, f"Must be one of: {', '.join(word.value for word in words)}.")

    return checked


def list_of(check: Check) -> Check:
    """A list."""

    def checked(value: Any, path: str) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield Problem(path, "Must be a list.")
            return
        for place, entry in enumerate(value):
            yield from check(entry, f"{path}[{place}]")

    return checked


def map_of(check: Check) -> Check:
    """Names with values."""

    def checked(value: Any, path: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem(path, "Must be an object.")
            return
        for name, entry in value.items():
            yield from check(entry, f"{path}.{name}")

    return checked


def record(needs: Mapping[str, Check], may: Mapping[str, Check] | None = None) -> Check:
    """An object with exactly these keys; a mistyped one is named rather than passed over."""
    known = {**needs, **(may or {})}

    def checked(value: Any, path: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem(path, "Must be an object.")
            return
        for name in needs:
            if name not in value:
                yield Problem(f"{path}.{name}", _MISSING.get(name, "Is missing."))
        for name, entry in value.items():
            if name in known:
                yield from known[name](entry, f"{path}.{name}")
            else:
                yield Problem(f"{path}.{name}", f"Is not known here; known are {', '.join(sorted(known))}.")

    return checked


_MISSING = {
    "source": "Is missing: a number whose source nobody names has no place here.",
    "mark": "Is missing: say how well this is known (stated, expert, doubtful, computed or ours).",
    "confidence": "Is missing: the confidence in percent, or null where it is not established.",
    "licence": "Is missing: say under which licence the words stand.",
}
_SOURCED: Mapping[str, Check] = {"source": text, "mark": one_of(Mark)}
THRESHOLD = record({"code": text, "points": number, **_SOURCED})
CHANGE = record({"points": positive, "confidence": or_null(number), **_SOURCED})
NORM = record({"mean": number, "sd": positive, **_SOURCED}, {"n": whole})
RELIABILITY = record({"value": number, "kind": text, **_SOURCED}, {"up_to": number})
BANDS = record({"from": list_of(record({"code": text, "at_least": number})), **_SOURCED})
EVIDENCE = record(
    {"better": one_of(Better)},
    {
        "cut_off": THRESHOLD,
        "further_thresholds": list_of(THRESHOLD),
        "reliable_change": CHANGE,
        "further_changes": list_of(CHANGE),
        "important_change": CHANGE,
        "clinical": NORM,
        "general": NORM,
        "reliability": RELIABILITY,
        "further_reliabilities": list_of(RELIABILITY),
        "bands": BANDS,
    },
)
LICENCE = record(
    {
        "class": one_of(LicenceClass),
        "holder": text,
        "reference": text,
        "contexts_allowed": list_of(one_of(Context)),
        "may_modify": yes_or_no,
        "may_translate": yes_or_no,
    },
    {"attribution_line": text, "retrieved_on": day, "confirm_commercial": yes_or_no},
)
_ANSWERS: Mapping[str, Check] = {
    "kind": one_of(Kind),
    "part": text,
    "hint": text,
    "optional": yes_or_no,
    "min": number,
    "max": number,
    "step": positive,
    "low_label": text,
    "high_label": text,
    "options": list_of(record({"code": text, "text": any_text})),
    "max_length": whole,
    "shown_when": record({"item": text, "any_of": list_of(text)}),
    "shown_when_any": record({"items": list_of(text), "at_least": whole}),
    "only_with_open_wish": yes_or_no,
}
ITEM = record({"id": text}, {"text": text, **_ANSWERS})
SCORING = record(
    {
        "rule_id": text,
        "method": one_of(Method),
        "items": list_of(text),
        "needed": whole,
        "min": number,
        "max": number,
    },
    {
        "factor": positive,
        "fill": one_of(Fill),
        "step": positive,
        "reversed": list_of(text),
        "table": map_of(number),
        "stand_ins": map_of(text),
        "leaves_out": record({"item": text, "any_of": list_of(text), "leaves_out": text, "max": number}),
        "missing": record(dict(_SOURCED)),
    },
)
SUBSCALE = record(
    {"id": text, "method": one_of(Method), "items": list_of(text), "needed": whole, "min": number, "max": number},
    {
        "factor": positive,
        "fill": one_of(Fill),
        "step": positive,
        "thresholds": list_of(THRESHOLD),
        "source": text,
    },
)
MEASURE = record(
    {
        "id": text,
        "version": whole,
        "name_code": text,
        "name": text,
        "side": one_of(Side),
        "construct": one_of(Construct),
        "moment": one_of(Moment),
        "language": text,
        "licence": LICENCE,
        "validated": yes_or_no,
        "label": text,
        "title": text,
        "intro": any_text,
        "items": list_of(ITEM),
        "scoring": SCORING,
        "evidence": EVIDENCE,
        "closing": record({"text": text}, {"by_sharing": map_of(text)}),
    },
    {
        "short_name": text,
        "instrument_source": text,
        "client_label": text,
        "stem": text,
        "notice": text,
        "window": text,
        "frequency": record(
            {"rhythm": one_of(Rhythm), **_SOURCED},
            {"every": whole, "from_session": whole},
        ),
        "accepts_totals": yes_or_no,
        "item_defaults": record({}, _ANSWERS),
        "risk_items": map_of(whole),
        "subscales": list_of(SUBSCALE),
        "content_hashes": map_of(text),
        "not_established": list_of(text),
    },
)
