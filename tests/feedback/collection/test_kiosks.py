"""A tablet in the waiting room: a code from the desk opens a client's forms there, once, and for half an hour."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from tests.cast import DANA
from tests.feedback.practice import Caller, Practice, marks

Speak = Callable[..., Caller]


@pytest.fixture
def offer_id(practice: Practice) -> UUID:
    return practice.offer(practice.hold(practice.client())).id


@pytest.fixture
def kiosk(call: Speak) -> str:
    enrolled = call("manager").post("/v1/kiosks", {"label": "Waiting room"})
    assert enrolled.status_code == 201
    token: str = enrolled.get_json()["token"]
    return token


def make_code(call: Speak, offer_id: UUID) -> str:
    made = call("front_desk", actor=DANA.id).post(f"/v1/offers/{offer_id}/code", {})
    assert made.status_code == 201, made.get_json()
    code: str = made.get_json()["code"]
    return code


def type_in(call: Speak, kiosk: str, code: str) -> Any:
    return call("checkin").post("/v1/forms/kiosk-exchange", {"kiosk": kiosk, "code": code})


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def test_from_the_desks_code_to_the_thanks(practice: Practice, call: Speak, offer_id: UUID, kiosk: str) -> None:
    opened = type_in(call, kiosk, make_code(call, offer_id))
    handle = opened.get_json()["handle"]
    body = {"answers": marks(74) | {"s1": "now"}, "submit": True}
    sent = call("checkin").put("/v1/forms/current", body, handle=handle)

    assert (opened.status_code, sent.get_json()["state"]) == (200, "submitted")
    assert practice.row("SELECT channel FROM checkin")["channel"] == "kiosk"


def test_a_code_opens_once(practice: Practice, call: Speak, offer_id: UUID, kiosk: str) -> None:
    code = make_code(call, offer_id)

    assert type_in(call, kiosk, code).status_code == 200
    assert type_in(call, kiosk, code).status_code == 404


def test_a_newer_code_ends_the_older_one(practice: Practice, call: Speak, offer_id: UUID, kiosk: str) -> None:
    older, newer = make_code(call, offer_id), make_code(call, offer_id)

    assert older == newer or type_in(call, kiosk, older).status_code == 404
    assert type_in(call, kiosk, newer).status_code == 200


def test_a_code_is_worth_nothing_after_half_an_hour(
    practice: Practice, call: Speak, offer_id: UUID, kiosk: str
) -> None:
    code = make_code(call, offer_id)

    practice.clock.move(minutes=30)

    assert type_in(call, kiosk, code).status_code == 404


def test_a_code_is_worth_nothing_anywhere_but_on_an_enrolled_device(
    practice: Practice, call: Speak, offer_id: UUID, kiosk: str
) -> None:
    code = make_code(call, offer_id)
    [known] = call("manager").get("/v1/kiosks").get_json()["items"]

    assert type_in(call, "A" * 22, code).get_json()["title"] == "Kiosk unknown"
    ended = call("manager").post(f"/v1/kiosks/{known['id']}/ending", {})
    assert (ended.status_code, ended.get_json()["ended_at"] is None) == (200, False)
    assert type_in(call, kiosk, code).get_json()["title"] == "Kiosk unknown"


def test_five_wrong_codes_in_a_row_and_the_device_pauses_for_ten_minutes(
    practice: Practice, call: Speak, offer_id: UUID, kiosk: str
) -> None:
    code = make_code(call, offer_id)

    tries = [type_in(call, kiosk, wrong(code)).status_code for _ in range(5)]
    assert tries == [404, 404, 404, 404, 429]
    practice.clock.move(minutes=9, seconds=59)
    assert type_in(call, kiosk, code).status_code == 429
    practice.clock.move(seconds=1)

    assert type_in(call, kiosk, code).status_code == 200


def test_a_right_code_in_between_begins_the_count_anew(
    practice: Practice, call: Speak, offer_id: UUID, kiosk: str
) -> None:
    for _ in range(3):
        code = make_code(call, offer_id)
        assert [type_in(call, kiosk, wrong(code)).status_code for _ in range(4)] == [404] * 4
        assert type_in(call, kiosk, code).status_code == 200


def test_one_device_that_pauses_stops_no_other(practice: Practice, call: Speak, offer_id: UUID, kiosk: str) -> None:
    other = call("manager").post("/v1/kiosks", {"label": "Second floor"}).get_json()["token"]
    code = make_code(call, offer_id)
    for _ in range(5):
        type_in(call, kiosk, wrong(code))

    assert type_in(call, other, code).status_code == 200


@pytest.mark.parametrize("typed", ["１２３４５６", "12345", "1234567", "12 456", "abcdef", "", "123456\n"])
def test_what_is_no_code_is_refused_by_name_and_not_counted(
    practice: Practice, call: Speak, kiosk: str, typed: str
) -> None:
    refused = type_in(call, kiosk, typed)

    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["field"] == "code"
    assert practice.row("SELECT wrong_in_a_row AS n FROM kiosk")["n"] == 0


def test_codes_and_tokens_are_kept_as_hashes_alone(practice: Practice, call: Speak, offer_id: UUID, kiosk: str) -> None:
    code = make_code(call, offer_id)

    assert kiosk not in practice.row("SELECT k::text AS all FROM kiosk k")["all"]
    assert f'"{code}"' not in practice.row("SELECT c::text AS all FROM code c")["all"]
    listed = call("manager").get("/v1/kiosks").get_data(as_text=True)
    assert kiosk not in listed


def test_kiosks_are_the_managers_and_codes_the_desks(practice: Practice, call: Speak, offer_id: UUID) -> None:
    for role in ("front_desk", "therapist", "clinical_lead"):
        assert call(role).get("/v1/kiosks").status_code == 403
        assert call(role).post("/v1/kiosks", {"label": "Hall"}).status_code == 403
    assert call("manager").post(f"/v1/offers/{offer_id}/code", {}).status_code == 403


def test_no_code_is_made_before_a_form_can_say_whom_to_call(practice: Practice, call: Speak, offer_id: UUID) -> None:
    with practice.database.transaction() as tx:
        tx.execute("DELETE FROM crisis_information")

    assert call("front_desk").post(f"/v1/offers/{offer_id}/code", {}).status_code == 409
