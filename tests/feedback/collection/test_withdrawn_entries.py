"""Entered by mistake: taken away with a reason, still readable, no part of what is read; undone within a day."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.feedback.collection.domain.offers import Offer, OfferState
from services.feedback.collection.domain.plan import PlanEntry, Way
from services.feedback.collection.domain.withdrawn_entries import without_entry
from services.feedback.jobs import end_overdue_offers, pass_on_risk_answers
from services.feedback.measures.domain import Side
from services.feedback.wishes.domain import SaidOfWishes, WishStanding, WishState, wishes_after
from tests.cast import ANA, BEN, DANA, LEAD
from tests.feedback.practice import Caller, Practice, marks

Speak = Callable[..., Caller]
LATER = timedelta(minutes=5)


@pytest.fixture
def client_id(practice: Practice) -> UUID:
    return practice.client()


def typed(practice: Practice, call: Speak, appointment_id: UUID, total: float, **answers: Any) -> UUID:
    """Ana types the session form in from paper, some time after it was offered; the id of the check-in."""
    offer_id = practice.offer(appointment_id).id
    practice.clock.move(minutes=5)
    body = {"answers": marks(total) | {"s1": "now"} | answers, "channel": "paper"}
    assert call("therapist").post(f"/v1/offers/{offer_id}/answers", body).status_code == 201
    return offer_id


def entered(call: Speak, client_id: UUID, appointment_id: UUID, **body: Any) -> UUID:
    """A questionnaire is entered about a session, offered or not; the id of the check-in."""
    fixed = {"appointment_id": str(appointment_id), "measure_id": "phq-9", "measure_version": 1, "channel": "paper"}
    kept = call("therapist").post(f"/v1/clients/{client_id}/check-ins", fixed | body)
    assert kept.status_code == 201, kept.get_json()
    return UUID(kept.get_json()["id"])


def withdraw(call: Speak, offer_id: UUID, *, version: int = 1, by: Caller | None = None, **more: Any) -> Any:
    by = by or call("therapist")
    return by.post(f"/v1/check-ins/{offer_id}/withdrawals", {"reason": "wrong_client"}, version=version, **more)


def bring_back(call: Speak, offer_id: UUID, *, version: int = 1, by: Caller | None = None) -> Any:
    return (by or call("therapist")).post(f"/v1/check-ins/{offer_id}/undo", {}, version=version)


def correct(call: Speak, offer_id: UUID, version: int, **answers: Any) -> Any:
    body = {"answers": answers, "reason": "typing_error"}
    return call("therapist").post(f"/v1/check-ins/{offer_id}/corrections", body, version=version)


def kind_of(refused: Any) -> tuple[int, str]:
    return refused.status_code, refused.get_json()["type"].rpartition("/")[2]


def read(call: Speak, offer_id: UUID, by: Caller | None = None) -> dict[str, Any]:
    found: dict[str, Any] = (by or call("therapist")).get(f"/v1/check-ins/{offer_id}").get_json()
    return found


# Taken away


def test_what_was_entered_by_mistake_counts_no_more_and_stays_readable(
    practice: Practice, call: Speak, client_id: UUID
) -> None:
    offer_id = typed(practice, call, practice.hold(client_id), 74)
    correct(call, offer_id, 1, **marks(20))

    done = withdraw(call, offer_id, version=2)

    assert (done.status_code, done.get_json()["state"], done.get_json()["version"]) == (201, "open", 2)
    shown = read(call, offer_id)
    assert (shown["state"], shown["version"], shown["answers"], shown["total"]) == ("open", None, None, None)
    assert [(one["version"], one["total"], one["withdrawn"], one["reason"]) for one in shown["earlier"]] == [
        (1, 74.0, False, "typing_error"),
        (2, 20.0, True, "wrong_client"),
    ]
    assert shown["earlier"][1]["superseded_by"] == str(ANA.id)
    course = call("therapist").get(f"/v1/clients/{client_id}/course").get_json()
    assert [point["client_total"] for point in course["points"]] == [None]
    [told] = [row["data"] for row in practice.told() if row["type"].endswith("checkin.entry_withdrawn.v1")]
    assert (told["state"], told["version"], told["reason_code"]) == ("open", 2, "wrong_client")


def test_what_a_client_sent_is_put_right_and_never_taken_away(practice: Practice, call: Speak, client_id: UUID) -> None:
    offer_id = practice.offer(practice.hold(client_id)).id
    token = call("front_desk", actor=DANA.id).post(f"/v1/offers/{offer_id}/link", {}).get_json()["token"]
    handle = call("checkin").post("/v1/forms/exchange", {"token": token}).get_json()["handle"]
    sent = {"answers": marks(74) | {"s1": "now"}, "submit": True}
    assert call("checkin").put("/v1/forms/current", sent, handle=handle).status_code == 200

    refused = withdraw(call, offer_id)

    assert kind_of(refused) == (409, "not-entered-by-staff")
    assert "can be corrected" in refused.get_json()["detail"]
    assert read(call, offer_id)["total"] == 74.0


def test_a_withdrawal_follows_the_rules_of_every_change(practice: Practice, call: Speak, client_id: UUID) -> None:
    offer_id = typed(practice, call, practice.hold(client_id), 74)
    key = str(uuid4())
    path = f"/v1/check-ins/{offer_id}/withdrawals"

    assert withdraw(call, offer_id, by=call("therapist", actor=BEN.id)).status_code == 404
    assert withdraw(call, offer_id, by=call("front_desk", actor=DANA.id)).status_code == 403
    assert withdraw(call, uuid4()).status_code == 404
    assert withdraw(call, offer_id, version=2).status_code == 412
    assert call("therapist").post(path, {"reason": "typing_error"}, version=1).status_code == 422
    assert call("therapist").post(path, {"reason": "wrong_form"}).status_code == 428
    first, again = (withdraw(call, offer_id, key=key) for _ in range(2))
    assert (first.status_code, first.get_json()) == (201, again.get_json())
    assert kind_of(withdraw(call, offer_id)) == (409, "entry-withdrawn")
    assert kind_of(correct(call, offer_id, 1, **marks(20))) == (409, "entry-withdrawn")
    assert practice.kinds().count("checkin.entry_withdrawn") == 1


def test_a_correction_and_a_withdrawal_at_once_leave_one_winner(
    practice: Practice, call: Speak, client_id: UUID
) -> None:
    offer_id = typed(practice, call, practice.hold(client_id), 74)
    at_once = Barrier(2)

    def attempt(change: Callable[[], Any]) -> Any:
        at_once.wait()
        return change()

    with ThreadPoolExecutor(2) as two:
        changes = (lambda: withdraw(call, offer_id), lambda: correct(call, offer_id, 1, **marks(20)))
        withdrawn, corrected = two.map(attempt, changes)

    outcome = (withdrawn.status_code, corrected.status_code)
    assert outcome in {(201, 409), (412, 201)}
    assert len(practice.rows("SELECT * FROM checkin")) == (0 if outcome == (201, 409) else 1)
    assert len(practice.rows("SELECT * FROM checkin_version")) == 1


# What its form is from then on

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
RECEIVED = Offer(
    id=uuid4(),
    version=2,
    course_id=uuid4(),
    client_id=uuid4(),
    practitioner_id=uuid4(),
    appointment_id=uuid4(),
    side=Side.CLIENT,
    measure_id="phq-9",
    measure_version=1,
    state=OfferState.RECEIVED,
    offered_at=NOON - timedelta(hours=2),
    expires_at=NOON + timedelta(hours=70),
    closed_at=NOON - timedelta(hours=1),
)


@pytest.mark.parametrize(
    ("differs", "expired", "becomes"),
    [
        ({}, False, ("open", None)),
        ({}, True, ("unanswered", "no_answer")),
        ({"was_asked": False}, False, ("withdrawn", None)),
        ({"was_asked": False}, True, ("withdrawn", None)),
        ({"session_stands": False}, False, ("withdrawn", None)),
        ({"consents": False}, False, ("withdrawn", "consent_withdrawn")),
        ({"consents": False, "was_asked": False}, True, ("withdrawn", "consent_withdrawn")),
    ],
)
def test_a_form_is_as_it_would_be_had_nobody_entered_anything(
    differs: dict[str, bool], expired: bool, becomes: tuple[str, str | None]
) -> None:
    offer = replace(RECEIVED, expires_at=NOON) if expired else RECEIVED
    as_ever = {"was_asked": True, "consents": True, "session_stands": True}

    now = without_entry(offer, **(as_ever | differs), now=NOON)

    assert (now.state, now.missing_reason, now.version) == (*becomes, 3)
    assert (now.closed_at is None) == (now.state is OfferState.OPEN)


def test_the_client_whose_form_was_taken_for_anothers_can_still_fill_it_in(
    practice: Practice, call: Speak, client_id: UUID
) -> None:
    appointment_id = practice.hold(client_id)
    offer_id = practice.offer(appointment_id).id
    token = call("front_desk", actor=DANA.id).post(f"/v1/offers/{offer_id}/link", {}).get_json()["token"]
    handle = call("checkin").post("/v1/forms/exchange", {"token": token}).get_json()["handle"]
    typed(practice, call, appointment_id, 30)
    withdraw(call, offer_id)

    [listed] = call("therapist").get("/v1/offers", state="open", side="client").get_json()["items"]
    sent = {"answers": marks(80) | {"s1": "now"}, "submit": True}
    assert call("checkin").put("/v1/forms/current", sent, handle=handle).status_code == 200

    assert (listed["id"], listed["entry_withdrawn"]) == (str(offer_id), True)
    shown = read(call, offer_id)
    assert (shown["total"], shown["version"], shown["undo_until"]) == (80.0, 2, None)
    assert correct(call, offer_id, 2, **marks(82)).get_json()["version"] == 3


def test_a_form_that_was_made_for_the_entry_waits_for_nobody_and_can_be_entered_anew(
    practice: Practice, call: Speak, client_id: UUID
) -> None:
    appointment_id = practice.hold(client_id)
    wrong = entered(call, client_id, appointment_id, answers={"q1": 3})

    assert withdraw(call, wrong).get_json()["state"] == "withdrawn"
    right = entered(call, client_id, appointment_id, answers={"q1": 1})

    assert right != wrong
    assert kind_of(bring_back(call, wrong)) == (409, "answered-since")
    assert read(call, right)["answers"] == {"q1": 1}


# What was read from it


def test_an_episode_that_stood_on_it_goes_and_comes_back_with_it(
    practice: Practice, call: Speak, client_id: UUID
) -> None:
    practice.course(client_id, 80, 82, 78, 80)
    offer_id = typed(practice, call, practice.hold(client_id), 30)
    assert practice.states()[-1] == "rupture"

    withdraw(call, offer_id)
    without = practice.states(), practice.row("SELECT close_reason FROM episode")["close_reason"]
    assert bring_back(call, offer_id).get_json()["version"] == 2
    again = practice.states(), practice.row("SELECT close_reason FROM episode")["close_reason"]

    assert without == (["steady"] * 5, "superseded")
    assert again == ([*["steady"] * 4, "rupture"], None)
    assert practice.kinds()[-3:] == ["checkin.recorded", "reading.updated", "episode.changed"]


def test_a_wish_that_came_with_it_goes_and_what_it_said_of_an_older_one_with_it(
    practice: Practice, call: Speak, client_id: UUID
) -> None:
    practice.session(client_id, 80, w1="slower")
    offer_id = typed(practice, call, practice.hold(client_id), 80, w2="done", w1="a pause")
    practice.session(client_id, 80)
    states = "SELECT state, asked_again, closed_at FROM wish ORDER BY id"
    stood = practice.rows(states)
    assert [row["state"] for row in stood] == ["done", "open"]

    withdraw(call, offer_id)
    course = call("therapist").get(f"/v1/clients/{client_id}/course").get_json()
    assert [(wish["text"], wish["word"]) for wish in course["wishes"]] == [("slower", "open")]
    bring_back(call, offer_id)

    assert practice.rows(states) == stood


def test_wishes_stand_as_they_did_when_nothing_about_them_was_withdrawn(
    practice: Practice, call: Speak, client_id: UUID
) -> None:
    practice.session(client_id, 80, w1="slower")
    late = practice.hold(client_id)
    kept_back = practice.session(client_id, 80, w1="a pause", s1="not")
    practice.session(client_id, 80, w2="not_yet")
    practice.clock.move(hours=1)
    practice.answer(late, **marks(80), w1="a break", w2="better")
    practice.clock.move(days=1)
    call("therapist").post(f"/v1/offers/{practice.offer(kept_back).id}/release", {})
    practice.session(client_id, 80, w2="not_yet", w1="more of it")
    kept = "SELECT id, state, asked_again, closed_at FROM wish ORDER BY id"
    stood = practice.rows(kept)
    assert len({row["state"] for row in stood}) > 1

    withdraw(call, typed(practice, call, practice.hold(client_id), 40))

    assert practice.rows(kept) == stood


def test_an_older_wish_gives_way_to_a_newer_whichever_is_heard_of_first() -> None:
    older, newer = uuid4(), uuid4()
    said = [
        SaidOfWishes(NOON, NOON + LATER, wish_id=newer),
        SaidOfWishes(NOON - timedelta(days=7), NOON + 2 * LATER, wish_id=older),
        SaidOfWishes(NOON + timedelta(days=7), NOON + 3 * LATER, asked_about=newer, answer="not_yet"),
    ]

    assert wishes_after(said) == {
        older: WishStanding(WishState.REPLACED, 0, NOON + 2 * LATER),
        newer: WishStanding(WishState.OPEN, 1),
    }


def test_a_total_that_was_withdrawn_is_in_no_outcome_and_in_no_file(
    practice: Practice, call: Speak, client_id: UUID
) -> None:
    first, second = practice.hold(client_id), practice.hold(client_id)
    entered(call, client_id, first, answers=dict.fromkeys([f"q{n}" for n in range(1, 10)], 1))
    wrong = entered(call, client_id, second, answers=dict.fromkeys([f"q{n}" for n in range(1, 9)], 3))
    practice.clock.move(hours=1)

    withdraw(call, wrong)

    ana = call("therapist")
    outcome = ana.get(f"/v1/clients/{client_id}/outcome").get_json()
    copy = ana.get(f"/v1/clients/{client_id}/copy", reason="care").get_json()
    assert [point["total"] for one in outcome["measures"] for point in one["points"] if point["total"]] == [9.0]
    assert (len(copy["check_ins"]), copy["kept_back"]) == (1, 0)
    entered(call, client_id, second, answers={"q1": 1, "q9": 0})
    found = [p for one in ana.get(f"/v1/clients/{client_id}/outcome").get_json()["measures"] for p in one["points"]]
    assert [point.get("corrections", []) for point in found] == [[], []]


# What somebody has to read


def waiting(call: Speak) -> list[tuple[str, bool]]:
    found = call("therapist").get("/v1/risk-answers", state="open").get_json()["items"]
    return [(risk["state"], risk["entry_withdrawn"]) for risk in found]


def close(practice: Practice, call: Speak, outcome: str = "entered_by_mistake") -> int:
    [risk] = practice.rows("SELECT id, version FROM risk_answer WHERE state <> 'acknowledged'")
    path = f"/v1/risk-answers/{risk['id']}/acknowledgement"
    status: int = call("therapist").post(path, {"outcome": outcome}, version=risk["version"]).status_code
    return status


def test_a_risk_answer_of_a_withdrawn_entry_stays_until_a_person_closes_it(
    practice: Practice, call: Speak, client_id: UUID
) -> None:
    offer_id = entered(call, client_id, practice.hold(client_id), answers={"q1": 1, "q9": 2})
    assert waiting(call) == [("open", False)]

    withdraw(call, offer_id)
    assert waiting(call) == [("open", True)]
    practice.clock.move(hours=25)
    practice.run(pass_on_risk_answers)

    assert waiting(call) == [("overdue", True)]
    assert close(practice, call) in (200, 201)
    assert waiting(call) == []


def test_who_closed_it_as_a_mistake_is_told_again_when_the_entry_is_brought_back(
    practice: Practice, call: Speak, client_id: UUID
) -> None:
    offer_id = entered(call, client_id, practice.hold(client_id), answers={"q1": 1, "q9": 2})
    withdraw(call, offer_id)
    practice.clock.move(minutes=5)
    close(practice, call)

    bring_back(call, offer_id)

    assert waiting(call) == [("open", False)]
    assert practice.rows("SELECT raised FROM risk_answer WHERE state = 'open'") == [{"raised": {"q9": 2}}]


def test_what_was_read_before_is_not_raised_again_when_the_entry_comes_back(
    practice: Practice, call: Speak, client_id: UUID
) -> None:
    offer_id = entered(call, client_id, practice.hold(client_id), answers={"q1": 1, "q9": 2})
    close(practice, call, "spoken_with_client")
    practice.clock.move(minutes=5)

    withdraw(call, offer_id)
    bring_back(call, offer_id)

    assert waiting(call) == []


def test_the_right_answer_is_raised_although_that_of_a_withdrawn_entry_still_waits(
    practice: Practice, call: Speak, client_id: UUID
) -> None:
    practice.plan(PlanEntry("phq-9", way=Way.PAPER))
    appointment_id = practice.book(client_id, hours=2)["appointment_id"]
    practice.clock.move(minutes=5)
    offer_id = entered(call, client_id, appointment_id, answers={"q1": 1, "q9": 1})
    withdraw(call, offer_id)
    practice.clock.move(minutes=5)
    assert entered(call, client_id, appointment_id, answers={"q1": 1, "q9": 0}) == offer_id

    correct(call, offer_id, 2, q1=1, q9=1)

    assert sorted(waiting(call)) == [("open", False), ("open", True)]


# By whom


def test_what_a_client_keeps_back_is_withdrawn_by_who_typed_it_or_a_lead_alone(
    practice: Practice, call: Speak, client_id: UUID
) -> None:
    kept = [entered(call, client_id, practice.hold(client_id), answers={"q1": n}, sharing="not") for n in (1, 2)]
    practice.allocate(client_id, BEN.id)
    ben, lead = call("therapist", actor=BEN.id), call("clinical_lead", actor=LEAD.id)

    assert kind_of(withdraw(call, kept[0], by=ben)) == (409, "answers-not-shared")
    assert withdraw(call, kept[0], by=lead).status_code == 201
    assert kind_of(bring_back(call, kept[0], by=ben)) == (409, "answers-not-shared")
    assert read(call, kept[0], by=ben)["earlier"][0]["answers"] is None
    assert withdraw(call, kept[1]).status_code == 404, "Ana treats this client no more"


def test_an_impression_is_withdrawn_by_its_therapist_alone(practice: Practice, call: Speak, client_id: UUID) -> None:
    offer_id = practice.offer(practice.hold(client_id), "therapist").id
    call("therapist").post(f"/v1/offers/{offer_id}/answers", {"answers": marks(80, "t_")})
    lead = call("clinical_lead", actor=LEAD.id)

    assert withdraw(call, offer_id, by=lead).status_code == 403
    assert withdraw(call, offer_id).status_code == 201
    assert bring_back(call, offer_id, by=lead).status_code == 403
    assert bring_back(call, offer_id).status_code == 201


# Undone


def test_a_withdrawal_is_undone_within_a_day_and_the_entry_is_as_it_was(
    practice: Practice, call: Speak, client_id: UUID
) -> None:
    offer_id = typed(practice, call, practice.hold(client_id), 74, w1="slower")
    stood = practice.row("SELECT * FROM checkin")
    withdraw(call, offer_id)
    practice.clock.move(hours=24)

    assert bring_back(call, offer_id, by=call("therapist", actor=BEN.id)).status_code == 404
    assert bring_back(call, offer_id, version=2).status_code == 412
    assert bring_back(call, offer_id).get_json()["version"] == 2

    assert practice.row("SELECT * FROM checkin") == stood | {"version": 2}
    assert kind_of(bring_back(call, offer_id)) == (409, "answered-since")
    shown = read(call, offer_id)
    assert (shown["state"], shown["undo_until"]) == ("received", None)
    assert [(one["withdrawn"], bool(one["restored_at"])) for one in shown["earlier"]] == [(True, True)]
    assert withdraw(call, offer_id, version=2).status_code == 201, "and withdrawn again"
    practice.clock.move(hours=24, seconds=1)
    assert kind_of(bring_back(call, offer_id, version=2)) == (409, "nothing-to-bring-back")


def test_what_comes_in_the_place_of_a_withdrawn_entry_is_not_undone(
    practice: Practice, call: Speak, client_id: UUID
) -> None:
    appointment_id = practice.hold(client_id)
    offer_id = typed(practice, call, appointment_id, 30)
    withdraw(call, offer_id)
    practice.clock.move(days=4)
    practice.run(end_overdue_offers)
    assert practice.offer(appointment_id).state is OfferState.UNANSWERED
    typed(practice, call, appointment_id, 80)

    assert kind_of(bring_back(call, offer_id)) == (409, "answered-since")
    assert read(call, offer_id)["total"] == 80.0
    assert bring_back(call, practice.offer(practice.hold(client_id)).id).status_code == 404
