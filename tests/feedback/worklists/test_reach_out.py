"""The reach-out list as it is heard of, seen and answered by people."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.ids import uuid7
from tests.cast import BEN, LEAD
from tests.feedback.outcome.treatments import sessions
from tests.feedback.practice import Caller, Practice, marks

Call = Callable[..., Caller]
USUAL, DIP = (80, 82, 78, 80), 50


def listed(caller: Caller, **query: Any) -> list[Any]:
    answer = caller.get("/v1/reach-out", **query)
    assert answer.status_code == 200, answer.json
    items: list[Any] = answer.json["items"]
    return items


def codes(line: Any) -> dict[str, int]:
    return {part["code"]: part["points"] for part in line["parts"]}


def miss(practice: Practice, client_id: UUID) -> None:
    practice.clock.move(days=7)
    practice.tell("missed", practice.hour(client_id), attendance_code="3", missed_at=practice.clock())


def cancel(practice: Practice, client_id: UUID, *, late: bool) -> dict[str, Any]:
    practice.clock.move(days=7)
    hour = practice.hour(client_id)
    practice.tell("cancelled", hour, cancelled_by="client", late=late, reason_code="pat", cancelled_at=practice.clock())
    return hour


def book(practice: Practice, client_id: UUID, *, days: int = 7) -> None:
    start = practice.clock() + timedelta(days=days)
    hour = practice.hour(client_id) | {"starts_at": start, "ends_at": start + timedelta(minutes=50)}
    practice.tell("booked", hour, booked_at=practice.clock())


@pytest.fixture
def gone_quiet(practice: Practice) -> UUID:
    """A rupture, then they did not come, and nothing is booked."""
    client_id = practice.client()
    practice.course(client_id, *USUAL, DIP)
    miss(practice, client_id)
    return client_id


def test_the_list_names_every_part(call: Call, gone_quiet: UUID) -> None:
    line = listed(call("therapist"))[0]

    assert line["client_id"] == str(gone_quiet)
    assert (line["points"], codes(line)) == (6, {"rupture": 2, "missed": 2, "no_next": 2})
    assert line["unread"] == ["outcome"]
    assert (line["resting_until"], line["note"]) == (None, None)
    assert not any("probab" in key or "risk" in key for key in line)


def test_an_hour_booked_takes_its_part_away(practice: Practice, call: Call, gone_quiet: UUID) -> None:
    book(practice, gone_quiet)

    assert listed(call("therapist")) == []


@pytest.mark.parametrize(("late", "expected"), [(True, {"late_cancellation": 1}), (False, {})])
def test_only_a_late_cancellation_counts_and_only_since_the_last_session(
    practice: Practice, call: Call, late: bool, expected: dict[str, int]
) -> None:
    client_id = practice.client()
    miss(practice, client_id)  # 2, with nothing booked 2, and early on 1: on the list either way
    hour = cancel(practice, client_id, late=late)

    assert codes(listed(call("therapist"))[0]) == {"missed": 2, "no_next": 2, "early": 1} | expected
    practice.tell("reopened", hour, previous_status="late_cancelled", status="booked", reopened_at=practice.clock())
    assert "late_cancellation" not in codes(listed(call("therapist"))[0])


def test_a_late_cancellation_that_was_put_back_counts_again(practice: Practice, call: Call) -> None:
    client_id = practice.client()
    miss(practice, client_id)
    hour = cancel(practice, client_id, late=False)

    practice.tell("reopened", hour, previous_status="booked", status="late_cancelled", reopened_at=practice.clock())

    assert codes(listed(call("therapist"))[0])["late_cancellation"] == 1


def test_a_session_that_took_place_ends_what_was_missed_before(practice: Practice, call: Call) -> None:
    client_id = practice.client()
    miss(practice, client_id)
    assert listed(call("therapist"))

    practice.hold(client_id)

    assert listed(call("therapist")) == []


def test_what_two_views_differ_in_counts_for_the_treating_therapist_alone(practice: Practice, call: Call) -> None:
    client_id = practice.client()
    for total in USUAL:
        appointment = practice.session(client_id, total)
        practice.answer(appointment, "therapist", **marks(80, "t_"))
    appointment = practice.session(client_id, 70, r1="a_little")
    practice.answer(appointment, "therapist", **marks(80, "t_"), t_r1="no")
    miss(practice, client_id)

    mine, leads = listed(call("therapist")), listed(call("clinical_lead", actor=LEAD.id))

    assert codes(mine[0]) == {"unseen_strain": 2, "missed": 2, "no_next": 2}
    assert leads == [], "four points without it"


def test_difficulties_reliably_up_count_and_are_kept_with_a_note(practice: Practice, call: Call) -> None:
    client_id, ana = practice.client(consent=False), call("therapist")
    sessions(practice, client_id, [12, 15, 20])
    miss(practice, client_id)

    line = listed(ana)[0]
    note(ana, client_id, kind="not_now", reason="other")

    assert (codes(line), line["unread"]) == ({"missed": 2, "no_next": 2, "deteriorated": 2, "early": 1}, [])
    assert listed(ana)[0]["resting_until"] is not None, "what stood there then is not new"


def test_a_therapist_sees_own_clients_the_lead_all_and_the_desk_nothing(call: Call, gone_quiet: UUID) -> None:
    lead = call("clinical_lead", actor=LEAD.id)

    assert listed(call("therapist", actor=BEN.id)) == []
    assert [line["client_id"] for line in listed(lead)] == [str(gone_quiet)]
    assert listed(lead, practitioner_id=str(BEN.id)) == []
    assert call("front_desk").get("/v1/reach-out").status_code == 403
    assert call("manager").get("/v1/reach-out").status_code == 403


def test_another_client_changes_nothing(practice: Practice, call: Call, gone_quiet: UUID) -> None:
    before = listed(call("therapist"))

    other = practice.client()
    practice.course(other, *USUAL)
    practice.clock.move(days=-28)

    assert [line for line in listed(call("therapist")) if line["client_id"] == str(gone_quiet)] == before


def note(caller: Caller, client_id: UUID, **body: Any) -> Any:
    return caller.post(f"/v1/clients/{client_id}/reach-out", body)


def test_whoever_was_reached_rests_from_the_list_and_comes_back_with_something_new(
    practice: Practice, call: Call, gone_quiet: UUID
) -> None:
    ana, today = call("therapist"), practice.clock().date()

    made = note(ana, gone_quiet, kind="reached_out", on=today.isoformat())

    assert made.status_code == 201
    line = listed(ana)[0]
    assert line["resting_until"] == (today + timedelta(days=14)).isoformat()
    assert (line["note"]["kind"], line["note"]["id"]) == ("reached_out", made.json["id"])
    miss(practice, gone_quiet)
    assert listed(ana)[0]["resting_until"] is None


def test_not_now_has_a_reason_and_can_be_taken_back(call: Call, gone_quiet: UUID) -> None:
    ana = call("therapist")
    kept = note(ana, gone_quiet, kind="not_now", reason="agreed_pause").json
    assert listed(ana)[0]["resting_until"] is not None

    back = ana.post(f"/v1/clients/{gone_quiet}/reach-out/{kept['id']}/withdrawal", {})

    assert back.status_code == 204
    assert (listed(ana)[0]["resting_until"], listed(ana)[0]["note"]) == (None, None)
    assert ana.post(f"/v1/clients/{gone_quiet}/reach-out/{kept['id']}/withdrawal", {}).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "reached_out"},
        {"kind": "not_now"},
        {"kind": "reached_out", "on": "2031-01-01"},
        {"kind": "reached_out", "on": "2026-01-01"},
        {"kind": "reached_out", "on": "yesterday"},
        {"kind": "reached_out", "on": "2026-04-05", "reason": "other"},
        {"kind": "not_now", "reason": "too busy"},
        {"kind": "not_now", "reason": "other", "words": "free text"},
        {"kind": "rang"},
    ],
)
def test_a_note_that_cannot_be_is_refused(call: Call, gone_quiet: UUID, body: dict[str, Any]) -> None:
    assert note(call("therapist"), gone_quiet, **body).status_code == 422
    assert listed(call("therapist"))[0]["note"] is None


def test_a_colleague_can_neither_note_nor_take_back(call: Call, gone_quiet: UUID) -> None:
    kept = note(call("therapist"), gone_quiet, kind="not_now", reason="other").json
    ben = call("therapist", actor=BEN.id)

    assert note(ben, gone_quiet, kind="not_now", reason="other").status_code == 404
    assert note(ben, uuid7(), kind="not_now", reason="other").status_code == 404
    assert ben.post(f"/v1/clients/{gone_quiet}/reach-out/{kept['id']}/withdrawal", {}).status_code == 404
    assert listed(call("therapist"))[0]["note"]["id"] == kept["id"]


def test_the_leads_note_lets_the_client_rest_for_the_therapist_too(
    practice: Practice, call: Call, gone_quiet: UUID
) -> None:
    today = practice.clock().date().isoformat()

    note(call("clinical_lead", actor=LEAD.id), gone_quiet, kind="reached_out", on=today)

    assert listed(call("therapist"))[0]["resting_until"] is not None
