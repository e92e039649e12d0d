"""Requests as no honest program sends them, to every operation of the real services: a clear 4xx, never a 500."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from schemathesis import GenerationMode
from werkzeug.test import Client

from shared.ids import uuid7
from tests.architecture.doors import NOBODYS_ID, STAFF_ROLES, Door, doors, knock, token
from tests.cast import ANA, BEN
from tests.clinic import Clinic

PERSON = {
    "given_name": "Mara",
    "family_name": "Li",
    "preferred_name": "M",
    "birth_date": "1990-01-01",
    "phone": "0151 234567",
    "email": "m@example.org",
    "contact_note": "mornings",
}
HOUR = {
    "client_id": NOBODYS_ID,
    "practitioner_id": str(ANA.id),
    "room_id": None,
    "type_code": "individual",
    "modality": "video",
    "local_start": "2026-12-01T15:00",
    "zone": "Europe/London",
    "minutes": 50,
}
CRISIS = dict.fromkeys(
    (
        "emergency_number",
        "emergency_place",
        "crisis_name",
        "crisis_number",
        "crisis_hours",
        "crisis_text",
        "clinic_hours",
        "clinic_phone",
        "reading_promise",
    ),
    "made up",
)
PLAN = {"entries": [{"measure_id": "phq-9", "rhythm": "every_n_sessions", "every": 4, "begin": 1, "way": "form"}]}
# A fitting body for every operation that takes one; a new operation has to be added here.
GOOD: dict[str, dict[str, Any]] = {
    "intake POST /v1/referrals": {"client": PERSON, "source": "B1", "note": "a note"},
    "intake POST /v1/referrals/<uuid:referral_id>/acceptance": {
        "consents": [{"purpose": "care_record", "given": True, "text_version": "1"}]
    },
    "intake POST /v1/referrals/<uuid:referral_id>/decline": {"reason_code": "10"},
    "intake POST /v1/clients/<uuid:client_id>/allocations": {"practitioner_id": str(ANA.id)},
    "intake POST /v1/clients/<uuid:client_id>/consents": {"purpose": "research", "given": True, "text_version": "1"},
    "intake POST /v1/clients/<uuid:client_id>/ending": {"reason_code": "46"},
    "intake POST /v1/people/look-up": {"ids": [NOBODYS_ID]},
    "intake POST /v1/people/search": {"text": "mara"},
    "intake POST /v1/people/in-an-emergency": {"spoken_code": "C-1000"},
    "intake POST /v1/deputies": {
        "practitioner_id": str(ANA.id),
        "deputy_id": str(BEN.id),
        "first_day": "2026-11-24",
        "last_day": "2026-11-25",
    },
    "intake POST /v1/deputies/<uuid:deputising_id>/ending": {},
    "scheduling PUT /v1/practitioners/<uuid:practitioner_id>": {"zone": "Europe/London"},
    "scheduling POST /v1/rooms": {"label": "Garden"},
    "scheduling POST /v1/appointments": HOUR,
    "scheduling POST /v1/appointments/<uuid:appointment_id>/status": {
        "to": "client_cancelled",
        "reason_code": "pat",
        "waive_late": False,
        "late_start": False,
    },
    "scheduling POST /v1/appointments/<uuid:appointment_id>/move": {
        "local_start": "2026-12-01T15:00",
        "minutes": 50,
        "room_id": None,
    },
    "scheduling POST /v1/appointments/next": {"client_ids": [NOBODYS_ID]},
    "scheduling POST /v1/series": HOUR | {"weeks": 2, "skip_conflicts": False},
    "scheduling POST /v1/series/<uuid:series_id>/cancellation": {"by": "clinic", "reason_code": "prov"},
    "feedback POST /v1/clients/<uuid:client_id>/restart": {"reason": "other"},
    "feedback POST /v1/episodes/<uuid:episode_id>/conversation": {"held_on": "2026-11-22"},
    "feedback POST /v1/episodes/<uuid:episode_id>/closing": {"reason": "other"},
    "feedback POST /v1/episodes/<uuid:episode_id>/notes": {"held_on": "2026-11-22", "not_yet": None, "tried": []},
    "feedback POST /v1/episodes/<uuid:episode_id>/withdrawal": {},
    "feedback POST /v1/episodes/<uuid:episode_id>/owner": {"owner_id": str(ANA.id)},
    "feedback POST /v1/clients/<uuid:client_id>/reach-out": {"kind": "not_now", "on": None, "reason": "other"},
    "feedback POST /v1/clients/<uuid:client_id>/reach-out/<uuid:note_id>/withdrawal": {},
    "feedback POST /v1/offers/<uuid:offer_id>/link": {},
    "feedback POST /v1/offers/<uuid:offer_id>/answers": {"answers": {"b1": 5}, "opened_client_answers": False},
    "feedback POST /v1/offers/<uuid:offer_id>/missing": {"reason": "declined"},
    "feedback POST /v1/offers/<uuid:offer_id>/release": {},
    "feedback PUT /v1/supervisions": {"practitioner_id": str(ANA.id), "supervisor_ids": [NOBODYS_ID]},
    "feedback POST /v1/supervision/points": {
        "practitioner_id": str(ANA.id),
        "client_id": NOBODYS_ID,
        "week": "2026-W48",
        "code": "talk_about_it",
        "text": "a word",
    },
    "feedback PUT /v1/rules/in-force": {"version": "reader-1", "reason": "a reason"},
    "feedback POST /v1/offers/<uuid:offer_id>/code": {},
    "feedback POST /v1/offers/<uuid:offer_id>/reminder": {},
    "feedback POST /v1/clients/<uuid:client_id>/check-ins": {
        "appointment_id": NOBODYS_ID,
        "measure_id": "phq-9",
        "measure_version": 1,
        "channel": "paper",
        "sharing": "now",
        "answers": {"q1": 1},
    },
    "feedback POST /v1/check-ins/<uuid:offer_id>/corrections": {
        "reason": "typing_error",
        "total": 9,
        "subscales": {"a": 1},
    },
    "feedback POST /v1/check-ins/<uuid:offer_id>/withdrawals": {"reason": "wrong_client"},
    "feedback POST /v1/check-ins/<uuid:offer_id>/undo": {},
    "feedback POST /v1/risk-answers/<uuid:risk_id>/acknowledgement": {"outcome": "spoken_with_client"},
    "feedback PUT /v1/plan": PLAN | {"reminders": True, "risk_due_hours": 24},
    "feedback PUT /v1/clients/<uuid:client_id>/plan": {
        "added": PLAN["entries"],
        "left_out": ["gad-7"],
        "last_session_on": "2026-12-01",
    },
    "feedback POST /v1/kiosks": {"label": "Waiting room"},
    "feedback POST /v1/kiosks/<uuid:kiosk_id>/ending": {},
    "feedback POST /v1/forms/kiosk-exchange": {"kiosk": "x", "code": "123456"},
    "feedback PUT /v1/crisis-information": CRISIS | {"checked_on": "2026-11-01", "review_on": "2027-06-01"},
    "feedback PUT /v1/measures/<string(maxlength=64):measure_id>/wordings/<string(maxlength=64):language>": {
        "title": "a title",
        "answers": {"1": "a word"},
        "items": {"q1": {"text": "a word", "options": {"1": "a word"}}},
        "context": "clinical",
        "licence_held": True,
        "commercial_confirmed": False,
    },
    "feedback POST /v1/forms/exchange": {"token": "x"},
    "feedback PUT /v1/forms/current": {"measure_id": "session-checkin", "answers": {"b1": 5}, "submit": False},
}
WRONG: tuple[Any, ...] = (
    None,
    "",
    " ",
    "no such thing",
    "x" * 20_000,
    "5",
    "true",
    "1e309",
    "0001-01-01",
    "9999-12-31",
    "0001-01-01T00:00",
    "9999-12-31T23:59",
    "2026-02-30",
    "２０２６-01-01",
    "00000000-0000-0000-0000-000000000000",
    0,
    1,
    -1,
    7.5,
    1e308,
    2**63 - 1,
    True,
    [],
    [None],
    [[[]]],
    {},
    {"a": {"b": 1}},
)
RAW: tuple[bytes, ...] = (
    b"",
    b"null",
    b"[]",
    b"{",
    b'{"a": 1, "a": 2}',
    b'{"a": NaN}',
    b'{"a": 1e400}',
    b'{"a": ' + b"9" * 5000 + b"}",
    b'{"a": "\\u0000"}',
    b'{"a": "\\ud800"}',
    b'{"\\u0000": 1}',
    b"\xef\xbb\xbf{}",
    b"\xff\xfe{\x00}\x00",
    b'{"a": ' + b"[" * 2000 + b"]" * 2000 + b"}",
    b'{"a": "' + b"x" * 1_000_000 + b'"}',
)
QUERIES: tuple[dict[str, str], ...] = (
    {"sort": "since; DROP TABLE client"},
    {"sort": "-"},
    {"cursor": "AAAA"},
    {"cursor": "*" * 5000},
    {"cursor": "é"},
    {"limit": "0"},
    {"limit": "-1"},
    {"limit": "٣"},
    {"limit": "9" * 5000},
    {"state": "no such state"},
    {"side": "\x00"},
    {"from": "0001-01-01T00:00:00+14:00"},
    {"from": "0001-01-01T00:00:00Z", "to": "9999-12-31T23:59:59Z"},
    {"practitioner_id": "x"},
    {"client_id": NOBODYS_ID, "practitioner_id": NOBODYS_ID, "minutes": "9" * 400},
    {"nobody": "asked"},
)
NUMBERS = {"minutes", "weeks", "measure_version", "risk_due_hours"}
BOOLEANS = {
    *("given", "submit", "waive_late", "late_start", "skip_conflicts"),
    *("opened_client_answers", "licence_held", "reminders"),
}


def bearer_for(clinic: Clinic, door: Door) -> str:
    if "checkin" in door.permits:
        return token(clinic, door.service, "checkin", issuer="checkin", actor=None)
    return token(clinic, door.service, *sorted(door.permits & set(STAFF_ROLES)))


def broken(good: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """Every field of a body, at any depth, with everything that may be wrong about it: (path, value, whole body)."""
    for name in good if isinstance(good, dict) else ():
        for wrong in WRONG:
            body = copy.deepcopy(good)
            body[name] = wrong
            yield (*path, name), wrong, body
        for inner_path, wrong, inner in broken(good[name], (*path, name)):
            yield inner_path, wrong, good | {name: inner}


def test_every_field_with_everything_wrong_is_refused_or_taken_but_never_an_accident(clinic: Clinic) -> None:
    clinic.client_of(ANA)
    accidents, taken_for_a_number, taken_for_a_yes = [], [], []
    for door in doors(clinic):
        if door.method == "GET" or door.rule.endswith("/undo"):
            continue
        bearer = bearer_for(clinic, door)
        headers = {"X-Form-Handle": "nobodys"}
        for path, wrong, body in broken(GOOD[door.name]):
            answer = knock(clinic, door, bearer, body, headers=headers)
            problem = answer.get_json(silent=True) or {}
            if answer.status_code >= 500 and problem.get("type", "").rpartition("/")[2] != "unavailable":
                accidents.append((door.name, path, repr(wrong)[:40], answer.status_code))
            named = {error["field"].partition(".")[0] for error in problem.get("errors", ())}
            if path[-1] in NUMBERS and isinstance(wrong, str | bool | float) and path[0] not in named:
                taken_for_a_number.append((door.name, path, wrong))
            if path[-1] in BOOLEANS and not isinstance(wrong, bool) and path[0] not in named:
                taken_for_a_yes.append((door.name, path, wrong))

    assert not accidents, accidents
    assert not taken_for_a_number, taken_for_a_number
    assert not taken_for_a_yes, taken_for_a_yes


def test_bytes_that_are_no_body_and_questions_that_are_none_get_a_clear_refusal(clinic: Clinic) -> None:
    surprises: list[tuple[str, object, int]] = []
    for door in doors(clinic):
        bearer = bearer_for(clinic, door)
        if door.method == "GET":
            for query in QUERIES:
                code = knock(clinic, door, bearer, query=query).status_code
                if code >= 500 or (code == 200 and not query.keys() & {"limit", "from", "client_id"}):
                    surprises.append((door.name, query, code))
            continue
        headers = {"Authorization": f"Bearer {bearer}", "If-Match": '"1"', "Idempotency-Key": str(uuid7())}
        for raw in RAW:
            answer = Client(clinic.house.floors[door.service].app).open(
                door.path(), method=door.method, data=raw, headers=headers, content_type="application/json"
            )
            if not 400 <= answer.status_code < 500 and not (raw == b"" and door.rule.endswith("/undo")):
                surprises.append((door.name, raw[:20], answer.status_code))

    assert not surprises, surprises


@pytest.mark.parametrize("service", ["intake", "scheduling", "feedback"])
def test_generated_requests_keep_the_document_and_break_nothing(clinic: Clinic, service: str) -> None:
    app = clinic.house.floors[service].app
    document = schemathesis.openapi.from_wsgi("/v1/openapi.json", app)
    for door in doors(clinic):
        if door.service != service:
            continue
        bearer = bearer_for(clinic, door)
        shown = door.rule.replace("<uuid:", "{").replace("<string(maxlength=64):", "{").replace(">", "}")
        operation = document[shown][door.method]
        for mode in GenerationMode:
            send_generated(operation, mode, bearer)


def send_generated(operation: Any, mode: GenerationMode, bearer: str) -> None:
    @seed(20261123)
    @settings(max_examples=6, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        answer = case.call(headers={"Authorization": f"Bearer {bearer}", "Idempotency-Key": str(uuid7())})
        problem = {} if answer.status_code < 400 else json.loads(answer.content or b"{}")
        assert answer.status_code < 500 or problem["type"].endswith(("unavailable", "forms-closed")), problem

    send()
