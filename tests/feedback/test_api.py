"""Over HTTP: who may ask what, and what a client's form looks like from its link to its thanks."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from services.feedback.app import SERVICE
from services.feedback.jobs import end_overdue_offers
from services.feedback.risk.domain.crisis import FICTIONAL
from tests.cast import ANA, BEN, DANA, LEAD
from tests.feedback.practice import Caller, Practice, marks
from tests.trail import chained, trail

Speak = Callable[..., Caller]
STAFF = ("front_desk", "therapist", "supervisor", "clinical_lead", "manager")


def make_link(practice: Practice, call: Speak, appointment_id: Any) -> str:
    offer_id = practice.offer(appointment_id).id
    answer = call("front_desk", actor=DANA.id).post(f"/v1/offers/{offer_id}/link", {})
    assert answer.status_code == 201, answer.get_json()
    token: str = answer.get_json()["token"]
    assert answer.get_json()["path"] == f"/f/{token}"
    return token


def open_form(practice: Practice, call: Speak, appointment_id: Any) -> str:
    token = make_link(practice, call, appointment_id)
    exchanged = call("checkin").post("/v1/forms/exchange", {"token": token})
    assert exchanged.status_code == 200, exchanged.get_json()
    handle: str = exchanged.get_json()["handle"]
    return handle


def test_from_the_link_to_the_thanks(practice: Practice, call: Speak) -> None:
    client_id = practice.client()
    appointment_id = practice.hold(client_id)
    form = call("checkin")

    handle = open_form(practice, call, appointment_id)
    first = form.get("/v1/forms/current", handle=handle).get_json()
    kept = form.put("/v1/forms/current", {"answers": {"b1": 7}, "submit": False}, handle=handle).get_json()
    again = form.get("/v1/forms/current", handle=handle).get_json()
    answers = {**marks(74), "s1": "now", "w1": "More pauses"}
    sent = form.put("/v1/forms/current", {"answers": answers, "submit": True}, handle=handle).get_json()
    late = form.put("/v1/forms/current", {"answers": marks(20), "submit": True}, handle=handle)

    assert [item["id"] for item in first["form"]["items"]] == [
        *("b1", "g1", "t1", "e1", "o1", "r1", "r2", "w1", "w1_readers", "s1")
    ]
    assert first["form"]["title"] == "How was this session for you?"
    assert first["clinic"]["crisis"][0] == "Need help now?"
    assert FICTIONAL["crisis_number"] in first["clinic"]["crisis"][2]
    assert (kept["state"], kept["answers"], again["answers"]) == ("open", {"b1": 7}, {"b1": 7})
    assert (sent["state"], sent["form"], sent["answers"], sent["sharing"]) == ("submitted", None, {}, "now")
    assert (late.status_code, late.get_json()["state"]) == (200, "submitted")
    assert practice.row("SELECT total, channel FROM checkin") == {"total": 74.0, "channel": "link"}
    assert practice.rows("SELECT * FROM draft") == []


def test_a_form_says_nothing_of_the_one_who_fills_it_in(practice: Practice, call: Speak) -> None:
    client_id = practice.client()
    practice.session(client_id, 80, w1="canarywish")
    appointment_id = practice.hold(client_id)

    handle = open_form(practice, call, appointment_id)
    text = call("checkin").get("/v1/forms/current", handle=handle).get_data(as_text=True)

    assert '"w2"' in text
    for secret in (str(client_id), str(appointment_id), str(ANA.id), "K-1001", "canarywish", "80.0"):
        assert secret not in text


def test_a_link_can_be_exchanged_once_and_a_newer_one_ends_it(practice: Practice, call: Speak) -> None:
    appointment_id = practice.hold(practice.client())
    form = call("checkin")
    first = make_link(practice, call, appointment_id)
    second = make_link(practice, call, appointment_id)

    assert form.post("/v1/forms/exchange", {"token": first}).status_code == 410
    assert form.post("/v1/forms/exchange", {"token": second}).status_code == 200
    assert form.post("/v1/forms/exchange", {"token": second}).status_code == 410


def test_a_new_link_leaves_what_was_begun_to_the_one_who_began(practice: Practice, call: Speak) -> None:
    appointment_id = practice.hold(practice.client())
    form = call("checkin")
    old = open_form(practice, call, appointment_id)
    form.put("/v1/forms/current", {"answers": {"b1": 7}, "submit": False}, handle=old)

    new = open_form(practice, call, appointment_id)

    assert form.get("/v1/forms/current", handle=old).get_json()["answers"] == {"b1": 7}
    assert form.get("/v1/forms/current", handle=new).get_json()["answers"] == {}


def test_a_guessed_link_or_handle_opens_nothing(practice: Practice, call: Speak) -> None:
    practice.hold(practice.client())
    form = call("checkin")

    assert form.post("/v1/forms/exchange", {"token": "A" * 22}).status_code == 404
    assert form.get("/v1/forms/current", handle="A" * 22).status_code == 404
    assert form.get("/v1/forms/current").status_code == 404


def test_when_the_time_is_over_a_form_is_over(practice: Practice, call: Speak) -> None:
    appointment_id = practice.hold(practice.client())
    token = make_link(practice, call, appointment_id)
    handle = open_form(practice, call, practice.hold(practice.client()))
    form = call("checkin")

    practice.clock.move(days=3)

    assert form.post("/v1/forms/exchange", {"token": token}).status_code == 410
    sent = form.put("/v1/forms/current", {"answers": marks(50), "submit": True}, handle=handle)
    assert (sent.status_code, sent.get_json()["state"]) == (200, "expired")
    practice.run(end_overdue_offers)
    assert form.get("/v1/forms/current", handle=handle).get_json()["state"] == "expired"
    assert practice.rows("SELECT * FROM checkin") == []


def test_secrets_are_kept_as_hashes_alone(practice: Practice, call: Speak) -> None:
    appointment_id = practice.hold(practice.client())
    token = make_link(practice, call, appointment_id)
    handle = call("checkin").post("/v1/forms/exchange", {"token": token}).get_json()["handle"]

    kept = practice.row("SELECT l::text AS all FROM link l")["all"]
    assert len(token) >= 22
    assert token not in kept
    assert handle not in kept


def test_a_wrong_answer_is_named(practice: Practice, call: Speak) -> None:
    appointment_id = practice.hold(practice.client())
    handle = open_form(practice, call, appointment_id)

    for submit in (False, True):
        body = {"answers": {"b1": 7.5, "r1": "perhaps", "x9": 1}, "submit": submit}
        refused = call("checkin").put("/v1/forms/current", body, handle=handle)
        assert refused.status_code == 422
        assert {e["field"] for e in refused.get_json()["errors"]} == {"answers.b1", "answers.r1", "answers.x9"}


def test_without_crisis_information_no_link_is_made_and_no_form_opens(
    practice: Practice, call: Speak, urls: Any
) -> None:
    appointment_id = practice.hold(practice.client())
    token = make_link(practice, call, appointment_id)
    with practice.database.transaction() as tx:
        tx.execute("DELETE FROM crisis_information")

    offer_id = practice.offer(appointment_id).id
    assert call("front_desk").post(f"/v1/offers/{offer_id}/link", {}).status_code == 409
    assert call("checkin").post("/v1/forms/exchange", {"token": token}).status_code == 503


def test_the_manager_enters_the_crisis_information(practice: Practice, call: Speak) -> None:
    entry = {**FICTIONAL, "checked_on": "2026-03-01", "review_on": "2026-09-01"}

    entered = call("manager").put("/v1/crisis-information", entry)
    incomplete = call("manager").put("/v1/crisis-information", entry | {"crisis_number": " "})

    assert entered.status_code == 200
    assert call("front_desk").get("/v1/crisis-information").get_json()["crisis_name"] == FICTIONAL["crisis_name"]
    assert incomplete.status_code == 422
    assert incomplete.get_json()["errors"][0]["field"] == "crisis_number"


# Who may see what


def test_the_course_as_the_portal_reads_it(practice: Practice, call: Speak) -> None:
    client_id = practice.client()
    practice.course(client_id, 80, 82, 78, 80)
    appointment_id = practice.session(client_id, 50, r1="yes", r2="not_mentioned")
    practice.answer(appointment_id, "therapist", t_r1="no", **marks(80, "t_"))
    hour = practice.hour(client_id)
    practice.tell("missed", hour, attendance_code="3", missed_at=practice.clock())

    answer = call("therapist", actor=ANA.id).get(f"/v1/clients/{client_id}/course")

    course = answer.get_json()
    assert answer.status_code == 200
    assert (course["spoken_code"], course["practitioner_id"]) == ("K-1001", str(ANA.id))
    assert course["measure"]["max"] == 100
    assert (course["measure"]["validated"], course["measure"]["cut"]) == (False, None)
    point = course["points"][-1]
    assert (point["session_number"], point["client_total"], point["therapist_total"]) == (5, 50.0, 80.0)
    assert point["said_so"] == {"client": "yes", "therapist": "no"}
    assert [s["code"] for s in point["signals"]] == ["S1", "S3", "S7", "S9"]
    assert {"rule_version", "numbers", "template", "params"} <= set(point["signals"][0])
    assert course["episodes"][0]["opened_by"] == ["S3", "S9"]
    assert course["episodes"][0]["verdict"] == "not_mentioned"
    assert course["reading"]["template"] == "rupture_said_so"
    assert course["absences"] == [{"date": practice.clock().date().isoformat(), "kind": "missed"}]


def test_where_the_two_views_differ_is_for_the_therapist_alone(practice: Practice, call: Speak) -> None:
    client_id = practice.client()
    practice.course(client_id, 80, 82, 78, 80)
    appointment_id = practice.session(client_id, 80, r1="a_little")
    practice.answer(appointment_id, "therapist", t_r1="no", **marks(80, "t_"))

    seen = {}
    for role, staff in (("therapist", ANA), ("clinical_lead", LEAD)):
        course = call(role, actor=staff.id).get(f"/v1/clients/{client_id}/course").get_json()
        case = call(role, actor=staff.id).get("/v1/caseload").get_json()["items"][0]
        seen[role] = ([s["code"] for s in course["points"][-1]["signals"]], [r["code"] for r in case["reasons"]])

    assert "S7" in seen["therapist"][0]
    assert "S7" in seen["therapist"][1]
    assert "S7" not in seen["clinical_lead"][0]
    assert "S7" not in seen["clinical_lead"][1]


def test_a_course_before_its_first_form_is_an_empty_one(practice: Practice, call: Speak) -> None:
    client_id = practice.client()

    course = call("therapist", actor=ANA.id).get(f"/v1/clients/{client_id}/course").get_json()

    assert (course["course_id"], course["points"], course["reading"]["state"]) == (None, [], "not_started")


def test_a_colleagues_client_does_not_exist(practice: Practice, call: Speak) -> None:
    client_id = practice.client(ANA.id)
    practice.course(client_id, 80)

    assert call("therapist", actor=BEN.id).get(f"/v1/clients/{client_id}/course").status_code == 404
    assert call("therapist", actor=ANA.id).get(f"/v1/clients/{uuid4()}/course").status_code == 404
    assert call("clinical_lead", actor=LEAD.id).get(f"/v1/clients/{client_id}/course").status_code == 200


def test_a_former_therapist_no_longer_sees_the_course(practice: Practice, call: Speak) -> None:
    client_id = practice.client(ANA.id)
    practice.course(client_id, 80)

    practice.allocate(client_id, BEN.id)

    assert call("therapist", actor=ANA.id).get(f"/v1/clients/{client_id}/course").status_code == 404
    assert call("therapist", actor=BEN.id).get(f"/v1/clients/{client_id}/course").status_code == 200


def test_the_front_desk_sees_that_forms_are_out_and_nothing_they_say(practice: Practice, call: Speak) -> None:
    client_id = practice.client()
    practice.course(client_id, 80)
    practice.hold(client_id)
    desk = call("front_desk", actor=DANA.id)

    offers = desk.get("/v1/offers", state="open", side="client").get_json()["items"]

    assert [offer["spoken_code"] for offer in offers] == ["K-1001"]
    assert set(offers[0]) == {
        *("id", "side", "client_id", "spoken_code", "practitioner_id", "appointment_id", "session_date"),
        *("session_starts_at", "measure_id", "measure_version", "moment", "way", "offered_at", "expires_at"),
        *("state", "missing_reason", "reminder", "entry_withdrawn"),
    }
    assert desk.get("/v1/caseload").status_code == 403
    assert desk.get(f"/v1/clients/{client_id}/course").status_code == 403
    assert desk.post(f"/v1/offers/{offers[0]['id']}/answers", {"answers": {}}).status_code == 403


def test_a_list_of_offers_is_read_page_by_page(practice: Practice, call: Speak) -> None:
    client_id = practice.client()
    for _ in range(3):
        practice.hold(client_id)
    desk = call("front_desk", actor=DANA.id)

    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = desk.get("/v1/offers", limit=2, **cursor).get_json()
        seen += [offer["id"] for offer in page["items"]]
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}

    assert len(seen) == len(set(seen)) == 6


def test_the_check_in_apps_token_opens_forms_and_nothing_else(http: FlaskClient, call: Speak) -> None:
    app = call("checkin")
    opened = []
    for rule in http.application.url_map.iter_rules():
        if not str(rule).startswith("/v1/") or str(rule) == "/v1/openapi.json":
            continue
        path = str(rule).replace("<uuid:", "<").replace("<string(maxlength=64):", "<")
        for name in rule.arguments:
            path = path.replace(f"<{name}>", str(uuid4()))
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT"}):
            answer = app._http.open(path, method=method, json={}, headers=app._headers("x" * 22))
            if answer.status_code != 403:
                opened.append(f"{method} {rule}")

    assert sorted(opened) == [
        "GET /v1/forms/current",
        "POST /v1/forms/exchange",
        "POST /v1/forms/kiosk-exchange",
        "PUT /v1/forms/current",
    ]


@pytest.mark.parametrize("role", STAFF)
def test_no_staff_token_opens_a_form(practice: Practice, call: Speak, role: str) -> None:
    handle = open_form(practice, call, practice.hold(practice.client()))

    staff = call(role)

    assert staff.get("/v1/forms/current", handle=handle).status_code == 403
    assert staff.post("/v1/forms/exchange", {"token": "x"}).status_code == 403


def test_an_impression_is_handed_in_once(practice: Practice, call: Speak) -> None:
    client_id = practice.client()
    offer_id = practice.offer(practice.hold(client_id), "therapist").id
    ana = call("therapist", actor=ANA.id)
    body = {"answers": marks(80, "t_"), "opened_client_answers": False}

    first = ana.post(f"/v1/offers/{offer_id}/answers", body, key="k1")
    replayed = ana.post(f"/v1/offers/{offer_id}/answers", body, key="k1")
    second = ana.post(f"/v1/offers/{offer_id}/answers", body, key="k2")

    assert (first.status_code, first.get_json()["blind"]) == (201, True)
    assert replayed.headers["Idempotency-Replayed"] == "true"
    assert second.status_code == 409


def test_a_conversation_is_noted_on_the_version_that_was_read(practice: Practice, call: Speak) -> None:
    client_id = practice.client()
    practice.course(client_id, 80, 82, 78, 80, 50)
    ana = call("therapist", actor=ANA.id)
    episode = ana.get(f"/v1/clients/{client_id}/course").get_json()["episodes"][0]
    path, body = f"/v1/episodes/{episode['id']}/conversation", {"held_on": practice.clock().date().isoformat()}

    noted = ana.post(path, body, version=episode["version"])
    stale = ana.post(path, body, version=episode["version"])

    assert (noted.status_code, noted.get_json()["conversation_held_on"]) == (200, body["held_on"])
    assert stale.status_code == 412
    assert call("therapist", actor=BEN.id).post(path, body, version=2).status_code == 404


def test_a_usual_range_begins_anew_and_the_course_says_so(practice: Practice, call: Speak) -> None:
    client_id = practice.client()
    practice.course(client_id, 80, 82)
    ana = call("therapist", actor=ANA.id)

    done = ana.post(f"/v1/clients/{client_id}/restart", {"reason": "change_of_delivery"})
    practice.course(client_id, 60)

    assert done.status_code == 204
    course = ana.get(f"/v1/clients/{client_id}/course").get_json()
    assert course["restarts"] == [{"session_number": 3, "reason": "change_of_delivery"}]
    assert course["points"][2]["n"] == 0


def test_every_reading_of_a_person_is_in_the_audit_trail(practice: Practice, call: Speak) -> None:
    client_id = practice.client()
    practice.course(client_id, 80)
    ana = call("therapist", actor=ANA.id)

    ana.get(f"/v1/clients/{client_id}/course")
    ana.get("/v1/caseload")
    ana.get("/v1/offers")

    lines = [row for row in trail(practice.database) if row["actor"] == str(ANA.id)]
    assert [row["action"] for row in lines] == ["course.read", "caseload.read", "offers.read"]
    assert all(row["about"] == [client_id] for row in lines)
    assert chained(practice.database) >= 3


def test_the_document_of_the_api_names_every_operation(http: FlaskClient, call: Speak) -> None:
    answer = http.get("/v1/openapi.json", headers=call("manager")._headers())

    assert answer.status_code == 200
    assert len(answer.get_json()["paths"]) >= 12
    assert SERVICE.title in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "raw",
    [
        '{"answers": {"\\ud800": 1}, "submit": false}',
        '{"answers": {"w1": "\\ud800"}, "submit": false}',
        '{"answers": {"w1": "a\\u0000b"}, "submit": true}',
        '{"answers": {"b1": NaN}, "submit": true}',
        '{"answers": {"b1": 1e309}, "submit": true}',
        '{"answers": {"b1": 99999999999999999999999999}, "submit": true}',
        '{"answers": [], "submit": true}',
        '{"answers": {}, "submit": "yes"}',
        '{"answers": {}, "submit": true, "more": 1}',
        "{",
    ],
)
def test_what_no_form_sends_is_turned_away_and_nothing_is_kept(practice: Practice, call: Speak, raw: str) -> None:
    handle = open_form(practice, call, practice.hold(practice.client()))
    app = call("checkin")

    answer = app._http.put(
        "/v1/forms/current", data=raw.encode(), content_type="application/json", headers=app._headers(handle)
    )

    assert answer.status_code in (400, 422)
    assert practice.rows("SELECT * FROM checkin") == practice.rows("SELECT * FROM draft") == []
