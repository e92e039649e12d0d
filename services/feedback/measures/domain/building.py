"""Building a measure of what stands in its definition file."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.feedback.measures.domain.evidence import (
    Band,
    Better,
    Evidence,
    Mark,
    Norm,
    Reliability,
    ReliableChange,
    Threshold,
)
from services.feedback.measures.domain.licences import Context, Licence, LicenceClass
from services.feedback.measures.domain.model import (
    Construct,
    Fill,
    Frequency,
    Item,
    Kind,
    LeavesOut,
    Measure,
    Method,
    MissingRule,
    Moment,
    Option,
    Rhythm,
    Scoring,
    ShownWhen,
    ShownWhenAny,
    Side,
    Subscale,
)

Raw = Mapping[str, Any]


def build(raw: Raw) -> Measure:
    """A measure of a definition whose shape is right; what it says may still contradict itself."""
    defaults = raw.get("item_defaults", {})
    return Measure(
        id=raw["id"],
        version=raw["version"],
        name_code=raw["name_code"],
        name=raw["name"],
        short_name=raw.get("short_name", raw["name"]),
        side=Side(raw["side"]),
        construct=Construct(raw["construct"]),
        moment=Moment(raw["moment"]),
        language=raw["language"],
        licence=_licence(raw["licence"]),
        validated=raw["validated"],
        label=raw["label"],
        client_label=raw.get("client_label"),
        title=raw["title"],
        intro=raw["intro"],
        stem=raw.get("stem", ""),
        notice=raw.get("notice"),
        window=raw.get("window"),
        frequency=_frequency(raw["frequency"]) if raw.get("frequency") else None,
        items=tuple(_item({**defaults, **entry}) for entry in raw["items"]),
        scoring=_scoring(raw["scoring"]),
        subscales=tuple(_subscale(entry) for entry in raw.get("subscales", ())),
        risk_items=dict(raw.get("risk_items", {})),
        evidence=_evidence(raw["evidence"]),
        accepts_totals=raw.get("accepts_totals", False),
        content_hashes=dict(raw.get("content_hashes", {})),
        not_established=tuple(raw.get("not_established", ())),
        instrument_source=raw.get("instrument_source", ""),
        closing=raw["closing"]["text"],
        closing_by_sharing=dict(raw["closing"].get("by_sharing", {})),
    )


def _licence(raw: Raw) -> Licence:
    retrieved = raw.get("retrieved_on")
    return Licence(
        licence_class=LicenceClass(raw["class"]),
        holder=raw["holder"],
        reference=raw["reference"],
        contexts_allowed=frozenset(Context(context) for context in raw["contexts_allowed"]),
        may_modify=raw["may_modify"],
        may_translate=raw["may_translate"],
        attribution_line=raw.get("attribution_line"),
        retrieved_on=date.fromisoformat(retrieved) if retrieved else None,
        confirm_commercial=raw.get("confirm_commercial", False),
    )


def _frequency(raw: Raw) -> Frequency:
    return Frequency(
        Rhythm(raw["rhythm"]),
        raw["source"],
        Mark(raw["mark"]),
        every=raw.get("every", 1),
        from_session=raw.get("from_session", 1),
    )


def _item(entry: Raw) -> Item:
    condition, any_condition = entry.get("shown_when"), entry.get("shown_when_any")
    options = tuple(Option(option["code"], option["text"]) for option in entry.get("options", ()))
    kind = Kind(entry["kind"])
    minimum, maximum = entry.get("min", 0), entry.get("max", 0)
    if kind is Kind.RATING and options:
        numbers = [int(option.code) for option in options]
        minimum, maximum = min(numbers), max(numbers)
    elif kind is Kind.RATING:
        options = tuple(Option(str(number), "") for number in range(minimum, maximum + 1))
    return Item(
        id=entry["id"],
        text=entry.get("text", ""),
        kind=kind,
        part=entry.get("part", ""),
        hint=entry.get("hint"),
        optional=entry.get("optional", True),
        minimum=minimum,
        maximum=maximum,
        step=entry.get("step", 1),
        low_label=entry.get("low_label"),
        high_label=entry.get("high_label"),
        options=options,
        max_length=entry.get("max_length", 0),
        shown_when=ShownWhen(condition["item"], tuple(condition["any_of"])) if condition else None,
        shown_when_any=(
            ShownWhenAny(tuple(any_condition["items"]), any_condition["at_least"]) if any_condition else None
        ),
        only_with_open_wish=entry.get("only_with_open_wish", False),
    )


def _scoring(raw: Raw) -> Scoring:
    rest, missing = raw.get("leaves_out"), raw.get("missing")
    return Scoring(
        rule_id=raw["rule_id"],
        items=tuple(raw["items"]),
        needed=raw["needed"],
        factor=float(raw.get("factor", 1)),
        minimum=float(raw["min"]),
        maximum=float(raw["max"]),
        method=Method(raw["method"]),
        fill=Fill(raw.get("fill", Fill.MEAN)),
        step=raw.get("step", 1),
        reversed=frozenset(raw.get("reversed", ())),
        table={int(points): float(total) for points, total in raw.get("table", {}).items()},
        stand_ins=dict(raw.get("stand_ins", {})),
        leaves_out=(
            LeavesOut(rest["item"], tuple(rest["any_of"]), rest["leaves_out"], float(rest["max"])) if rest else None
        ),
        missing=MissingRule(missing["source"], Mark(missing["mark"])) if missing else None,
    )


def _subscale(raw: Raw) -> Subscale:
    return Subscale(
        id=raw["id"],
        items=tuple(raw["items"]),
        needed=raw["needed"],
        minimum=float(raw["min"]),
        maximum=float(raw["max"]),
        method=Method(raw["method"]),
        factor=float(raw.get("factor", 1)),
        fill=Fill(raw.get("fill", Fill.MEAN)),
        step=raw.get("step", 1),
        thresholds=tuple(_threshold(entry) for entry in raw.get("thresholds", ())),
        source=raw.get("source", ""),
    )


def _evidence(raw: Raw) -> Evidence:
    bands = raw.get("bands")
    return Evidence(
        better=Better(raw["better"]),
        cut_off=_threshold(raw["cut_off"]) if raw.get("cut_off") else None,
        further_thresholds=tuple(_threshold(entry) for entry in raw.get("further_thresholds", ())),
        reliable_change=_change(raw["reliable_change"]) if raw.get("reliable_change") else None,
        further_changes=tuple(_change(entry) for entry in raw.get("further_changes", ())),
        important_change=_change(raw["important_change"]) if raw.get("important_change") else None,
        clinical=_norm(raw["clinical"]) if raw.get("clinical") else None,
        general=_norm(raw["general"]) if raw.get("general") else None,
        reliability=_reliability(raw["reliability"]) if raw.get("reliability") else None,
        further_reliabilities=tuple(_reliability(entry) for entry in raw.get("further_reliabilities", ())),
        bands=tuple(Band(band["code"], float(band["at_least"])) for band in bands["from"]) if bands else (),
        bands_source=bands["source"] if bands else "",
        bands_mark=Mark(bands["mark"]) if bands else None,
    )


def _threshold(raw: Raw) -> Threshold:
    return Threshold(raw["code"], float(raw["points"]), raw["source"], Mark(raw["mark"]))


def _change(raw: Raw) -> ReliableChange:
    return ReliableChange(float(raw["points"]), raw["confidence"], raw["source"], Mark(raw["mark"]))


def _norm(raw: Raw) -> Norm:
    return Norm(float(raw["mean"]), float(raw["sd"]), raw["source"], Mark(raw["mark"]), raw.get("n"))


def _reliability(raw: Raw) -> Reliability:
    return Reliability(raw["value"], raw["kind"], raw["source"], Mark(raw["mark"]), raw.get("up_to"))
