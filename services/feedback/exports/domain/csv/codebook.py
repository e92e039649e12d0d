"""What about.json says of each measure: enough to make every total again from its items."""

from dataclasses import asdict
from typing import Any

from services.feedback.measures.domain import Item, Measure, Scoring, Subscale, content_hash, wording_of
from services.feedback.measures.domain.evidence import ReliableChange, Threshold
from services.feedback.outcome.domain.change import cut_off_of, reliable_change_of


def content_hash_of(measure: Measure) -> str:
    """SHA-256 over what the person reads, in hexadecimal."""
    return content_hash(wording_of(measure))


def codebook_of(measure: Measure) -> dict[str, Any]:
    """A measure without its wording, with its honest label, its rule, and what is published about change on it."""
    evidence = measure.evidence
    return {
        "id": measure.id,
        "version": measure.version,
        "content_hash": content_hash_of(measure),
        "name": measure.name,
        "side": measure.side,
        "construct": measure.construct,
        "licence_class": measure.licence_class,
        "attribution": measure.licence.attribution_line,
        "validated": measure.validated,
        "label": measure.label,
        "better": evidence.better,
        "cut_off": _published(cut_off_of(evidence)),
        "reliable_change": _published(reliable_change_of(evidence)),
        "items": [_item(item, measure) for item in measure.items],
        "scoring": _scoring(measure.scoring),
        "subscales": [_subscale(part) for part in measure.subscales],
    }


def _published(found: Threshold | ReliableChange | None) -> dict[str, Any] | None:
    return asdict(found) if found else None


def _item(item: Item, measure: Measure) -> dict[str, Any]:
    return {
        "id": item.id,
        "part": item.part,
        "kind": item.kind,
        "min": item.minimum,
        "max": item.maximum,
        "step": item.step,
        "codes": [option.code for option in item.options],
        "scored": item.id in measure.scoring.items,
    }


def _scoring(rule: Scoring) -> dict[str, Any]:
    rest = rule.leaves_out
    return {
        "rule_id": rule.rule_id,
        "method": rule.method,
        "items": list(rule.items),
        "needed": rule.needed,
        "factor": rule.factor,
        "fill": rule.fill,
        "reversed": sorted(rule.reversed),
        "table": {str(points): total for points, total in sorted(rule.table.items())},
        "stand_ins": dict(rule.stand_ins),
        "leaves_out": {"item": rest.item, "any_of": list(rest.any_of), "leaves_out": rest.leaves_out} if rest else None,
        "min": rule.lowest,
        "max": rule.highest,
    }


def _subscale(part: Subscale) -> dict[str, Any]:
    return {
        "id": part.id,
        "method": part.method,
        "items": list(part.items),
        "needed": part.needed,
        "factor": part.factor,
        "fill": part.fill,
    }
