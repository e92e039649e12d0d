"""A measure as a Questionnaire: its structure always, its words only where the licence lets them leave."""

from typing import Any

from services.feedback.exports.domain.fhir.references import (
    MAX_VALUE,
    MIN_VALUE,
    ORDINAL,
    Resource,
    answers_of,
    questionnaire_url,
)
from services.feedback.measures.domain import Item, Kind, Measure

_TYPES = {
    Kind.SCALE: "integer",
    Kind.RATING: "choice",
    Kind.DECIMAL: "decimal",
    Kind.CHOICE: "choice",
    Kind.TEXT: "text",
}


def questionnaire(measure: Measure) -> Resource:
    """The measure, with its honest label as the description."""
    found: Resource = {
        "resourceType": "Questionnaire",
        "id": f"{measure.id}-{measure.version}",
        "url": questionnaire_url(measure.id),
        "version": str(measure.version),
        "name": "".join(part.capitalize() for part in measure.id.split("-")),
        "title": measure.name,
        "status": "active",
        "subjectType": ["Patient"],
        "description": measure.label,
    }
    if measure.licence.attribution_line:
        found["copyright"] = measure.licence.attribution_line
    worded = measure.licence.licence_class.ships_wording
    if measure.items:
        found["item"] = [_item(measure, item, worded=worded) for item in measure.items]
    return found


def coding(measure: Measure, item: Item, code: str, *, worded: bool = False) -> dict[str, Any]:
    """One answer as a coding; a rating carries its number."""
    found: dict[str, Any] = {"system": answers_of(measure.id, item.id), "code": code}
    if item.kind is Kind.RATING:
        found["extension"] = [{"url": ORDINAL, "valueDecimal": int(code)}]
    text = next((option.text for option in item.options if option.code == code), "")
    if worded and text:
        found["display"] = text
    return found


def _item(measure: Measure, item: Item, *, worded: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"linkId": item.id, "type": _TYPES[item.kind]}
    if worded and item.text:
        found["text"] = item.text
    if not item.optional:
        found["required"] = True
    if item.kind in {Kind.SCALE, Kind.DECIMAL}:
        kind = "valueInteger" if item.kind is Kind.SCALE else "valueDecimal"
        found["extension"] = [{"url": MIN_VALUE, kind: item.minimum}, {"url": MAX_VALUE, kind: item.maximum}]
    if item.options:
        found["answerOption"] = [
            {"valueCoding": coding(measure, item, option.code, worded=worded)} for option in item.options
        ]
    if item.max_length:
        found["maxLength"] = item.max_length
    conditions = _conditions(measure, item)
    if conditions:
        found["enableWhen"] = conditions
    if len(conditions) > 1:
        found["enableBehavior"] = "any"
    return found


def _conditions(measure: Measure, item: Item) -> list[dict[str, Any]]:
    if item.shown_when_any:
        asked = [measure.item(name) for name in item.shown_when_any.items]
        return [when for one in asked if one for when in _at_least(measure, one, item.shown_when_any.at_least)]
    if item.shown_when is None:
        return []
    on = measure.item(item.shown_when.item)
    if on is None or not item.shown_when.any_of:
        return [{"question": item.shown_when.item, "operator": "exists", "answerBoolean": True}]
    return [_equals(measure, on, code) for code in item.shown_when.any_of]


def _at_least(measure: Measure, item: Item, least: int) -> list[dict[str, Any]]:
    if item.options:  # codes have no order in FHIR: every answer that is enough is named
        return [_equals(measure, item, option.code) for option in item.options if int(option.code) >= least]
    kind = "answerInteger" if item.kind is Kind.SCALE else "answerDecimal"
    return [{"question": item.id, "operator": ">=", kind: least}]


def _equals(measure: Measure, item: Item, code: str) -> dict[str, Any]:
    return {"question": item.id, "operator": "=", "answerCoding": coding(measure, item, code)}
