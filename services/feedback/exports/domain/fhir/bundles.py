"""What one client gave back and shares, as a bundle that refers to nothing outside of itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from services.feedback.exports.domain.csv.rows import ABOUT_SHARING
from services.feedback.exports.domain.fhir.questionnaires import coding, questionnaire
from services.feedback.exports.domain.fhir.references import (
    BASE,
    CATEGORY,
    LOINC,
    TOTALS,
    UCUM,
    Resource,
    questionnaire_url,
    reference,
    urn,
)
from services.feedback.measures.domain import Item, Kind, Measure, Side


@dataclass(frozen=True, slots=True)
class SharedForm:
    """A form that came back and may be seen. `corrected`: it replaces an earlier version."""

    id: UUID
    measure: Measure
    practitioner_id: UUID
    starts_at: datetime
    recorded_at: datetime
    answers: Mapping[str, Any]
    total: float | None
    prorated: bool
    corrected: bool = False


def bundle(bundle_id: UUID, client_id: UUID, forms: Sequence[SharedForm], *, now: datetime) -> Resource:
    """
    A collection: the people as bare ids, the measures, the responses, and a total for each that has one.

    Sessions without answers, answers that are not shared, and words are not in it.
    """
    measures = {(form.measure.id, form.measure.version): form.measure for form in forms}
    therapists = sorted({form.practitioner_id for form in forms}, key=str)
    entries = [_person("Patient", client_id), *(_person("Practitioner", one) for one in therapists)]
    for name in sorted(measures):
        resource = questionnaire(measures[name])
        entries.append({"fullUrl": f"{BASE}/Questionnaire/{resource['id']}", "resource": resource})
    for form in forms:
        entries += _entries(client_id, form)
    return {
        "resourceType": "Bundle",
        "id": str(bundle_id),
        "type": "collection",
        "timestamp": now.isoformat(),
        "entry": entries,
    }


def _person(kind: str, an_id: UUID) -> dict[str, Any]:
    return {"fullUrl": urn(an_id), "resource": {"resourceType": kind, "id": str(an_id)}}


def _entries(client_id: UUID, form: SharedForm) -> Iterable[dict[str, Any]]:
    yield {"fullUrl": urn(form.id), "resource": _response(client_id, form)}
    if form.total is not None:
        observation_id = uuid5(form.id, "total")
        yield {"fullUrl": urn(observation_id), "resource": _observation(observation_id, client_id, form, form.total)}


def _response(client_id: UUID, form: SharedForm) -> Resource:
    found: Resource = {
        "resourceType": "QuestionnaireResponse",
        "id": str(form.id),
        "questionnaire": f"{questionnaire_url(form.measure.id)}|{form.measure.version}",
        "status": "amended" if form.corrected else "completed",
        "subject": reference("Patient", client_id),
        "authored": form.recorded_at.isoformat(),
        "source": _writer(client_id, form),
    }
    items = [
        {"linkId": item.id, "answer": [_answer(form.measure, item, form.answers[item.id])]}
        for item in form.measure.items
        if item.id in form.answers and item.kind is not Kind.TEXT and item.part not in ABOUT_SHARING
    ]
    if items:
        found["item"] = items
    return found


def _answer(measure: Measure, item: Item, value: Any) -> dict[str, Any]:
    if item.kind in {Kind.CHOICE, Kind.RATING}:
        return {"valueCoding": coding(measure, item, str(value))}
    return {"valueDecimal" if item.kind is Kind.DECIMAL else "valueInteger": value}


def _observation(observation_id: UUID, client_id: UUID, form: SharedForm, total: float) -> Resource:
    measure = form.measure
    codes = [{"system": f"{BASE}/CodeSystem/totals", "code": measure.id, "display": f"{measure.name}: total"}]
    if measure.id in TOTALS:
        code, words = TOTALS[measure.id]
        codes.insert(0, {"system": LOINC, "code": code, "display": words})
    notes = [] if measure.validated else [{"text": measure.label}]
    if form.prorated:
        notes.append({"text": "This total stands on fewer answers than the measure has questions."})
    found: Resource = {
        "resourceType": "Observation",
        "id": str(observation_id),
        "status": "amended" if form.corrected else "final",
        "category": [{"coding": [{"system": CATEGORY, "code": "survey"}]}],
        "code": {"coding": codes},
        "subject": reference("Patient", client_id),
        "effectiveDateTime": form.starts_at.isoformat(),
        "issued": form.recorded_at.isoformat(),
        "performer": [_writer(client_id, form)],
        "valueQuantity": {"value": total, "unit": "points", "system": UCUM, "code": "{score}"},
        "derivedFrom": [reference("QuestionnaireResponse", form.id)],
    }
    if notes:
        found["note"] = notes
    return found


def _writer(client_id: UUID, form: SharedForm) -> dict[str, str]:
    if form.measure.side is Side.CLIENT:
        return reference("Patient", client_id)
    return reference("Practitioner", form.practitioner_id)
