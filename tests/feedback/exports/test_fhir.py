"""A course as FHIR R4, and the client's own copy: valid, complete for what is shared, and nobody named."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.feedback.exports.domain.fhir.bundles import SharedForm, bundle
from services.feedback.exports.domain.fhir.questionnaires import questionnaire
from services.feedback.measures.domain import Kind, Measure, with_wording, wording_of
from services.feedback.measures.store.definitions import measures
from shared.scope import Scope
from tests.cast import ANA, BEN, CHRIS, DANA, LEAD
from tests.feedback.conftest import NOW
from tests.feedback.exports.fhir_rules import broken_rules, faults
from tests.feedback.practice import Caller, Practice, marks
from tests.trail import trail

Speak = Callable[..., Caller]


def of_kind(found: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [e["resource"] for e in found["entry"] if e["resource"]["resourceType"] == kind]


def fhir(caller: Caller, client_id: UUID, reason: str = "care") -> dict[str, Any]:
    answer = caller.get(f"/v1/clients/{client_id}/fhir", reason=reason)
    assert answer.status_code == 200, answer.get_json()
    assert answer.content_type == "application/fhir+json"
    found: dict[str, Any] = json.loads(answer.data)
    return found


def filled(measure: Measure, *, low: bool) -> dict[str, Any]:
    """One of the possible answers to everything."""
    place = 0 if low else -1
    numbers = {item.id: item.minimum if low else item.maximum for item in measure.items if item.kind.is_number}
    return numbers | {item.id: item.options[place].code for item in measure.items if item.kind is Kind.CHOICE}


def form(measure: Measure, answers: dict[str, Any], **more: Any) -> SharedForm:
    given: dict[str, Any] = {"total": 3.5, "prorated": True, "corrected": False} | more
    return SharedForm(uuid4(), measure, ANA.id, NOW, NOW + timedelta(minutes=1), answers, **given)


@pytest.mark.parametrize("measure", measures().values(), ids=measures())
@pytest.mark.parametrize("low", [True, False])
def test_every_shipped_measure_is_a_valid_questionnaire_with_valid_answers(measure: Measure, low: bool) -> None:
    found = bundle(uuid4(), uuid4(), [form(measure, filled(measure, low=low)), form(measure, {}, total=None)], now=NOW)

    assert list(faults(found)) == []
    assert list(broken_rules(found)) == []


@pytest.mark.parametrize("measure", measures().values(), ids=measures())
def test_words_leave_only_where_the_licence_lets_them(measure: Measure) -> None:
    text = json.dumps(questionnaire(measure))
    may = measure.licence_class in ("public_domain", "own")
    words = [item.text for item in measure.items if item.text]

    assert ('"text"' in text.replace('"type": "text"', "")) == (may and bool(words))
    if not may:
        assert '"display"' not in text
    if measure.licence.attribution_line:
        assert questionnaire(measure)["copyright"] == measure.licence.attribution_line


def test_imported_words_of_a_licensed_measure_stay_at_home() -> None:
    licensed = next(m for m in measures().values() if m.licence_class == "byo_wording" and m.items)
    wording = wording_of(licensed)
    words = {name: replace(item, text="brought-in") for name, item in wording.items.items()}
    brought = with_wording(licensed, replace(wording, items=words))

    assert "brought-in" not in json.dumps(questionnaire(brought))


@pytest.mark.parametrize(("measure_id", "code"), [("phq-9", "44261-6"), ("gad-7", "70274-6")])
def test_totals_that_loinc_knows_carry_its_code(measure_id: str, code: str) -> None:
    measure = measures()[measure_id]
    [observed] = of_kind(bundle(uuid4(), uuid4(), [form(measure, {})], now=NOW), "Observation")

    assert {"system": "http://loinc.org", "code": code} in [
        {"system": c["system"], "code": c["code"]} for c in observed["code"]["coding"]
    ]
    assert (observed["valueQuantity"]["value"], observed["valueQuantity"]["code"]) == (3.5, "{score}")


def test_a_course_says_every_shared_check_in_and_its_total(practice: Practice, call: Speak) -> None:
    mara = practice.client()
    practice.course(mara, 80)
    practice.answer(practice.hold(mara), b1=8, g1=8, r1="a_little", r2="mentioned", w1="slower")
    practice.session(mara, 40, s1="not")
    practice.answer(practice.hold(mara), "therapist", **marks(60, "t_"))

    found = fhir(call("therapist", actor=ANA.id), mara)

    assert list(faults(found)) == list(broken_rules(found)) == []
    first, second, mirror = of_kind(found, "QuestionnaireResponse")
    assert [item["answer"][0].get("valueInteger") for item in first["item"]] == [8, 8, 8, 8, 8]
    assert {item["linkId"] for item in second["item"]} == {"b1", "g1", "r1", "r2"}
    assert second["item"][-1]["answer"][0]["valueCoding"]["code"] == "mentioned"
    assert (first["status"], mirror["source"]["type"]) == ("completed", "Practitioner")
    assert [o["valueQuantity"]["value"] for o in of_kind(found, "Observation")] == [80, 60]
    assert "not a validated instrument" in of_kind(found, "Observation")[0]["note"][0]["text"]
    assert "slower" not in json.dumps(found)


def test_people_are_ids_and_nothing_else(practice: Practice, call: Speak) -> None:
    mara = practice.client()
    practice.course(mara, 80)

    found = fhir(call("clinical_lead", actor=LEAD.id), mara)

    assert of_kind(found, "Patient") == [{"resourceType": "Patient", "id": str(mara)}]
    assert of_kind(found, "Practitioner") == [{"resourceType": "Practitioner", "id": str(ANA.id)}]
    assert "K-1001" not in json.dumps(found)


def test_a_course_before_its_first_form_is_a_bundle_of_one_person(practice: Practice, call: Speak) -> None:
    found = fhir(call("therapist", actor=ANA.id), practice.client())

    assert list(faults(found)) == list(broken_rules(found)) == []
    assert [e["resource"]["resourceType"] for e in found["entry"]] == ["Patient"]


@pytest.mark.parametrize("what", ["fhir", "copy"])
def test_a_course_is_taken_along_by_those_who_may_read_it_for_a_reason(
    practice: Practice, call: Speak, what: str
) -> None:
    mara = practice.client()
    practice.course(mara, 80)
    path = f"/v1/clients/{mara}/{what}"

    assert call("therapist", actor=ANA.id).get(path, reason="client_request").status_code == 200
    assert call("clinical_lead", actor=LEAD.id).get(path, reason="client_request").status_code == 200
    assert call("therapist", actor=BEN.id).get(path, reason="client_request").status_code == 404
    assert call("therapist", actor=ANA.id).get(path).status_code == 400
    assert call("clinical_lead", actor=LEAD.id).get(path, reason="research").status_code == 400
    for role, staff in (("front_desk", DANA), ("manager", CHRIS), ("supervisor", LEAD)):
        assert call(role, actor=staff.id).get(path, reason="client_request").status_code == 403
    entries = trail(practice.database, "export.made")
    assert [(entry["about"], entry["fields"]) for entry in entries] == [
        ([mara], ["export", f"file={what}", "reason=client_request", "forms=1"])
    ] * 2


def test_the_clients_copy_holds_their_words_and_what_they_share(practice: Practice, call: Speak) -> None:
    mara = practice.client()
    practice.session(mara, 80, r1="a_little", w1="please go slower", w1_readers="therapist")
    practice.session(mara, 40, s1="not", w1="a secret", w1_readers="therapist")
    practice.answer(practice.hold(mara), "therapist", **marks(60, "t_"))

    path = f"/v1/clients/{mara}/copy"
    theirs = call("therapist", actor=ANA.id).get(path, reason="client_request").get_json()
    leads = call("clinical_lead", actor=LEAD.id).get(path, reason="client_request").get_json()

    [check_in] = theirs["check_ins"]
    strain = next(answer for answer in check_in["answers"] if answer["item"] == "r1")
    assert (strain["answer"], strain["in_words"], check_in["shared"]) == ("a_little", "A little", "now")
    assert strain["question"].startswith("Between any two people")
    assert [wish["text"] for wish in theirs["wishes"]] == ["please go slower"]
    assert [wish["text"] for wish in leads["wishes"]] == [None]
    assert theirs["kept_back"] == leads["kept_back"] == 1
    assert "secret" not in json.dumps(theirs)


@pytest.mark.parametrize("path", ["exports/items.csv", "clients/{}/fhir", "clients/{}/copy"])
def test_an_impression_after_an_export_is_not_blind(practice: Practice, call: Speak, ana: Scope, path: str) -> None:
    mara = practice.client()
    appointment_id = practice.session(mara, 80)
    assert call("therapist", actor=ANA.id).get(f"/v1/{path.format(mara)}", reason="care").status_code == 200

    received = practice.answer(appointment_id, "therapist", by=ana, **marks(60, "t_"))

    assert received.blind is False


@pytest.mark.parametrize(
    "change",
    [
        lambda b: b["entry"][-1]["resource"].pop("status"),
        lambda b: b["entry"][-1]["resource"].update(status="done"),
        lambda b: b["entry"][-1]["resource"].update(valueString="3"),
        lambda b: b["entry"][-1]["resource"].update(category=[]),
        lambda b: b["entry"][-1]["resource"].update(subject={"reference": f"urn:uuid:{uuid4()}"}),
        lambda b: b["entry"][-2]["resource"]["item"][0].update(linkId="q99"),
        lambda b: b["entry"][-2]["resource"]["item"][0]["answer"][0].update(valueInteger=1),
        lambda b: b["entry"][-2]["resource"].update(questionnaire="https://rapport.example/fhir/Questionnaire/x|1"),
    ],
)
def test_the_rules_find_what_is_wrong(change: Callable[[Any], Any]) -> None:
    phq = measures()["phq-9"]
    found = bundle(uuid4(), uuid4(), [form(phq, filled(phq, low=True))], now=NOW)

    change(found)

    assert [*faults(found), *broken_rules(found)] != []
