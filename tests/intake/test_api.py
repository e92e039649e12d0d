"""The API as others meet it: who may, what comes back, and what a wrong request is told."""

import unicodedata
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.intake.app import SERVICE
from services.intake.consumers import session_held
from shared.database import Database
from shared.envelope import Message
from shared.trace import new_trace
from tests.intake.conftest import ANA, BEN, Clock
from tests.intake.desk import Caller, consents_body, referral_body, told

pytestmark = pytest.mark.usefixtures("practitioners")
Call = Callable[..., Caller]


def received(desk: Caller, **client: Any) -> dict[str, Any]:
    answer = desk.post("/v1/referrals", referral_body(**client))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json
    return made


def accepted(desk: Caller, **client: Any) -> str:
    referral = received(desk, **client)
    answer = desk.post(f"/v1/referrals/{referral['id']}/acceptance", consents_body(), version=1)
    assert answer.status_code == 200, answer.text
    client_id: str = referral["client_id"]
    return client_id


def fields(answer: Any) -> set[str]:
    return {error["field"] for error in answer.json["errors"]}


def test_from_the_first_call_to_the_end_of_therapy(call: Call, database: Database, clock: Clock) -> None:
    desk, ana = call("front_desk"), call("therapist", actor=ANA)

    referral = desk.post("/v1/referrals", referral_body(phone="0151 2345 6789") | {"note": "Sleeps badly."})
    assert referral.status_code == 201
    assert referral.headers["Location"] == f"/v1/referrals/{referral.json['id']}"
    assert referral.headers["ETag"] == '"1"'
    assert set(referral.json) >= {"id", "version", "state", "client_id", "spoken_code", "source", "received_at"}
    client_id = referral.json["client_id"]
    as_the_desk, as_the_lead = (one.get(referral.headers["Location"]).json for one in (desk, call("clinical_lead")))
    assert (as_the_desk["note"], as_the_desk["has_note"]) == (None, True)
    assert as_the_lead["note"] == "Sleeps badly."

    path = referral.headers["Location"]
    acceptance = desk.post(f"{path}/acceptance", consents_body(), version=1)
    assert (acceptance.status_code, acceptance.json["state"]) == (200, "accepted")
    assert desk.get("/v1/clients", state="waiting").json["items"][0]["client_id"] == client_id

    allocation = desk.post(f"/v1/clients/{client_id}/allocations", {"practitioner_id": str(ANA)})
    assert (allocation.status_code, allocation.json["practitioner_id"]) == (201, str(ANA))

    data = {"client_id": client_id, "practitioner_id": str(ANA), "held_at": clock.pass_(timedelta(days=7)).isoformat()}
    held = Message(
        "1", "/scheduling", "rapport.scheduling.appointment.held.v1", "a/1", clock(), 1, None, data, new_trace()
    )
    with database.transaction() as tx:
        session_held(tx, held, now=clock())

    file = ana.get(f"/v1/clients/{client_id}")
    assert file.json["identity"]["family_name"] == "O'Neil-Łukasz 李"
    assert file.json["identity"]["birth_date"] == "1990-02-28"
    assert file.json["allocation"]["practitioner_id"] == str(ANA)
    assert [c["purpose"] for c in file.json["consents"]] == ["care_record"]
    assert file.json["state"] == "in_therapy"

    version = file.json["version"]
    assert file.headers["ETag"] == f'"{version}"'
    ending = ana.post(f"/v1/clients/{client_id}/ending", {"reason_code": "46"}, version=version)
    assert (ending.status_code, ending.json["state"]) == (200, "ended")
    assert ana.get(f"/v1/clients/{client_id}").status_code == 404
    assert desk.get(f"/v1/clients/{client_id}").json["ending"]["reason_code"] == "46"


def test_a_list_of_clients_holds_no_name(call: Call) -> None:
    accepted(call("front_desk"))

    answer = call("front_desk").get("/v1/clients")

    assert "Mara" not in answer.text
    assert "Neil" not in answer.text
    assert set(answer.json["items"][0]) == {"client_id", "version", "spoken_code", "state", "practitioner_id", "since"}


def test_an_answer_repeated_after_a_lost_connection_registers_nobody_twice(call: Call, database: Database) -> None:
    desk, key = call("front_desk"), str(uuid4())

    first = desk.post("/v1/referrals", referral_body(), key=key)
    again = desk.post("/v1/referrals", referral_body(), key=key)

    assert again.json == first.json
    assert again.headers["Idempotency-Replayed"] == "true"
    with database.transaction() as tx:
        assert tx.value("SELECT count(*) FROM client") == 1
        assert len(told(tx)) == 2


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"given_name": ""}, "client.given_name"),
        ({"given_name": "M\u202eara"}, "client.given_name"),
        ({"given_name": "M\x00ara"}, "client.given_name"),
        ({"given_name": "\ud800"}, "client.given_name"),
        ({"given_name": "a" * 101}, "client.given_name"),
        ({"given_name": "a" * 10_000}, "client.given_name"),
        ({"given_name": 7}, "client.given_name"),
        ({"birth_date": "2099-01-01"}, "client.birth_date"),
        ({"birth_date": "1899-12-31"}, "client.birth_date"),
        ({"birth_date": "1990-02-30"}, "client.birth_date"),
        ({"birth_date": None}, "client.birth_date"),
        ({"phone": "call me"}, "client.phone"),
        ({"email": "nowhere"}, "client.email"),
        ({"contact_note": "x" * 2001}, "client.contact_note"),
        ({"surname": "x"}, "client.surname"),
    ],
)
def test_a_field_that_cannot_be_right_is_named(
    call: Call, database: Database, change: dict[str, Any], named: str
) -> None:
    answer = call("front_desk").post("/v1/referrals", referral_body(**change))

    assert answer.status_code == 422, answer.text
    assert fields(answer) == {named}
    assert answer.content_type == "application/problem+json"
    with database.transaction() as tx:
        assert tx.value("SELECT count(*) FROM client") == 0


@pytest.mark.parametrize(
    "name",
    [
        "O'Neil-Łukasz 李",
        "عبد الرحمن",
        "\u06cc\u200c\u0645",
        "\U0001f469\u200d\U0001f467",
        "Null",
        "<script>",
        "' OR 1=1 --",
    ],
)
def test_a_name_comes_back_as_it_went_in(call: Call, name: str) -> None:
    desk = call("front_desk")
    client_id = received(desk, given_name=name)["client_id"]

    assert desk.get(f"/v1/clients/{client_id}").json["identity"]["given_name"] == name
    if any(c.isalnum() for c in name):
        assert desk.post("/v1/people/search", {"text": name}).json["items"][0]["client_id"] == client_id


FORM = st.fixed_dictionaries(
    {"given_name": st.text(max_size=120), "family_name": st.text(max_size=120), "birth_date": st.dates().map(str)},
    optional={name: st.text(max_size=60) for name in ("preferred_name", "phone", "email", "contact_note")},
)


@settings(max_examples=80, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(form=FORM)
def test_whatever_is_typed_into_the_form_is_kept_or_named(call: Call, form: dict[str, Any]) -> None:
    desk = call("front_desk")

    answer = desk.post("/v1/referrals", {"client": form, "source": "B1"})

    if answer.status_code == 201:
        identity = desk.get(f"/v1/clients/{answer.json['client_id']}").json["identity"]
        for name, text in form.items():
            assert (identity[name] or "") == unicodedata.normalize("NFC", text).strip() or name == "phone"
    else:
        assert answer.status_code == 422
        assert fields(answer) <= {f"client.{name}" for name in form}


def test_an_unknown_source_reason_or_practitioner_is_named(call: Call) -> None:
    desk = call("front_desk")
    client_id, referral = accepted(desk), received(desk)
    path = f"/v1/referrals/{referral['id']}"

    assert fields(desk.post("/v1/referrals", referral_body() | {"source": "ZZ"})) == {"source"}
    assert fields(desk.post(f"{path}/decline", {"reason_code": "46"}, version=1)) == {"reason_code"}
    assert fields(desk.post(f"{path}/acceptance", {"consents": []}, version=1)) == {"consents"}
    answer = desk.post(f"/v1/clients/{client_id}/allocations", {"practitioner_id": str(uuid4())})
    assert (answer.status_code, fields(answer)) == (422, {"practitioner_id"})


@pytest.mark.parametrize(
    ("answer", "named"),
    [
        ({"purpose": "selling", "given": True, "text_version": "1"}, "consents.1.purpose"),
        ({"purpose": "research", "given": "yes", "text_version": "1"}, "consents.1.given"),
        ({"purpose": "research", "given": 1, "text_version": "1"}, "consents.1.given"),
        ({"purpose": "research", "given": True, "text_version": "two words"}, "consents.1.text_version"),
        ({"purpose": "research", "given": True, "text_version": "1\n"}, "consents.1.text_version"),
        ({"purpose": "care_record", "given": False, "text_version": "1"}, "consents.1.purpose"),
    ],
)
def test_a_consent_is_clear_or_it_is_none(call: Call, answer: dict[str, Any], named: str) -> None:
    referral = received(call("front_desk"))
    body = {"consents": [*consents_body()["consents"], answer]}

    refused = call("front_desk").post(f"/v1/referrals/{referral['id']}/acceptance", body, version=1)

    assert (refused.status_code, fields(refused)) == (422, {named})


def test_an_edit_needs_the_version_that_was_read(call: Call) -> None:
    desk = call("front_desk")
    path = f"/v1/referrals/{received(desk)['id']}"

    assert desk.post(f"{path}/decline", {"reason_code": "11"}).status_code == 428
    assert desk.post(f"{path}/decline", {"reason_code": "11"}, version=7).status_code == 412
    assert desk.post(f"{path}/decline", {"reason_code": "11"}, version=1).status_code == 200
    assert desk.post(f"{path}/acceptance", consents_body(), version=2).status_code == 409


def test_a_colleagues_client_looks_like_none_at_all(call: Call) -> None:
    desk, ben = call("front_desk"), call("therapist", actor=BEN)
    client_id = accepted(desk)
    desk.post(f"/v1/clients/{client_id}/allocations", {"practitioner_id": str(ANA)})

    foreign, absent = ben.get(f"/v1/clients/{client_id}"), ben.get(f"/v1/clients/{uuid4()}")

    assert foreign.status_code == absent.status_code == 404
    assert {**foreign.json, "trace_id": ""} == {**absent.json, "trace_id": ""}
    consent = {"purpose": "research", "given": True, "text_version": "1"}
    assert ben.post(f"/v1/clients/{client_id}/consents", consent).status_code == 404
    assert ben.post(f"/v1/clients/{client_id}/ending", {"reason_code": "46"}, version=3).status_code == 404
    assert ben.post("/v1/people/look-up", {"ids": [client_id]}).json["items"] == []
    assert ben.get("/v1/clients", practitioner_id=str(ANA)).json["items"] == []


def test_who_may_not_is_refused_and_who_is_nobody_too(call: Call, http: FlaskClient) -> None:
    ana = call("therapist", actor=ANA)

    assert ana.post("/v1/referrals", referral_body()).status_code == 403
    assert ana.get("/v1/referrals").status_code == 403
    assert ana.post(f"/v1/clients/{uuid4()}/allocations", {"practitioner_id": str(ANA)}).status_code == 403
    assert call("front_desk").post(f"/v1/clients/{uuid4()}/ending", {"reason_code": "46"}, version=1).status_code == 403
    assert call("checkin").get("/v1/clients").status_code == 401
    assert http.get("/v1/clients").status_code == 401


def test_names_are_looked_up_in_one_batch_of_at_most_two_hundred(call: Call) -> None:
    desk = call("front_desk")
    mara, noor = accepted(desk), accepted(desk, given_name="Noor", family_name="Müller", preferred_name="No")

    found = desk.post("/v1/people/look-up", {"ids": [noor, mara, str(uuid4())]})

    assert [(p["client_id"], p["display_name"]) for p in found.json["items"]] == [
        (noor, "No Müller"),
        (mara, "Mara O'Neil-Łukasz 李"),
    ]
    assert desk.post("/v1/people/look-up", {"ids": [str(uuid4())] * 200}).status_code == 200
    assert fields(desk.post("/v1/people/look-up", {"ids": [str(uuid4())] * 201})) == {"ids"}
    assert fields(desk.post("/v1/people/look-up", {"ids": ["x"]})) == {"ids.0"}


def test_a_list_is_paged_by_cursor(call: Call) -> None:
    desk = call("front_desk")
    every = {accepted(desk) for _ in range(5)}

    for sort in ("since", "-since", "registered_at", "-registered_at"):
        seen, query = [], {"limit": "2", "sort": sort}
        while True:
            page = desk.get("/v1/clients", **query).json
            seen += [client["client_id"] for client in page["items"]]
            if page["next"] is None:
                break
            query["cursor"] = page["next"]
        assert len(seen) == 5
        assert set(seen) == every
    assert desk.get("/v1/clients", state="nowhere").status_code == 400
    assert desk.get("/v1/clients", sort="family_name").status_code == 400
    assert desk.get("/v1/clients", name="Mara").status_code == 400


def test_forms_get_the_code_lists_with_their_words(call: Call) -> None:
    sets = call("therapist", actor=ANA).get("/v1/code-sets").json

    assert {"code": "B1", "label": "Self"} in sets["referral_sources"]
    ending = next(reason for reason in sets["ending_reasons"] if reason["code"] == "14")
    assert ending["fits_declining"]
    assert ending["fits_states"] == ["waiting", "allocated", "in_therapy"]
    assert sets["consent_purposes"][0]["code"] == "care_record"


def test_every_refusal_of_a_command_has_its_status() -> None:
    assert all(status in (404, 409, 412, 422) for status in SERVICE.errors.values())


def test_the_api_describes_itself(http: FlaskClient) -> None:
    described: Any = http.get("/v1/openapi.json").get_json()

    assert {
        "/v1/referrals",
        "/v1/referrals/{referral_id}/acceptance",
        "/v1/clients/{client_id}",
        "/v1/people/look-up",
        "/v1/people/search",
        "/v1/code-sets",
    } <= set(described["paths"])
