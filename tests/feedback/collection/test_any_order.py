"""Whatever arrives in whatever order: no open form after a withdrawal, nothing received twice, no answer lost."""

import random
from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest

from services.feedback.collection.domain.offers import AlreadyReceived, OfferMoveNotAllowed
from services.feedback.collection.domain.plan import PlanEntry
from services.feedback.consumers import HANDLERS
from services.feedback.jobs import end_overdue_offers, offer_before_sessions
from tests.feedback.practice import Practice, told_as

Step = Callable[[], object]


def answer(practice: Practice, appointment_id: UUID, kept: dict[tuple[UUID, str], int], number: int) -> None:
    """Answers to whatever is out about a session; what is received first is what must be there in the end."""
    rows = practice.rows(
        "SELECT measure_id FROM offer WHERE appointment_id = %s AND side = 'client' AND state <> 'withdrawn'",
        appointment_id,
    )
    for row in rows:
        name = row["measure_id"]
        given: dict[str, Any] = {"q1": number % 4} if name == "phq-9" else {"b1": number % 11, "s1": "now"}
        try:
            practice.fill(appointment_id, name, **given)
        except (AlreadyReceived, OfferMoveNotAllowed):
            continue
        kept[appointment_id, name] = next(iter(given.values()))


@pytest.mark.parametrize("seed", range(12))
def test_the_three_promises_hold_in_any_order(practice: Practice, seed: int) -> None:
    rng = random.Random(seed)
    practice.plan(PlanEntry("phq-9"))
    client_id = practice.client(consent=rng.random() < 0.5)
    hours = [practice.coming(client_id, hours=1 + 3 * place) for place in range(2)]
    kept: dict[tuple[UUID, str], int] = {}
    words = {"state": "given"}

    def consent(state: str) -> None:
        practice.consent(client_id, state)
        words["state"] = state

    def at_random(number: int) -> None:
        hour = rng.choice(hours)
        what = rng.choice(("booked", "moved", "arrived", "held", "missed", "cancelled", "reopened"))
        later = {key: hour[key] + timedelta(days=rng.choice((0, 2))) for key in ("starts_at", "ends_at")}
        steps: tuple[Step, ...] = (
            lambda: practice.tell(what, hour | (later if what == "moved" else {}), status="booked"),
            lambda: consent(rng.choice(("given", "withdrawn"))),
            lambda: answer(practice, hour["appointment_id"], kept, number),
            lambda: practice.run(offer_before_sessions),
            lambda: practice.run(end_overdue_offers),
            lambda: practice.clock.move(minutes=rng.choice((5, 50, 300))),
        )
        rng.choices(steps, weights=(6, 2, 3, 1, 1, 2))[0]()

    for number in range(40):
        at_random(number)
        consented = practice.rows("SELECT state FROM consent WHERE client_id = %s", client_id)
        is_open = practice.rows("SELECT id FROM offer WHERE state = 'open'")
        assert not is_open or (consented and consented[0]["state"] == "given")

    received = practice.rows(
        "SELECT o.appointment_id, o.measure_id, o.state, c.answers FROM checkin c JOIN offer o ON o.id = c.offer_id"
    )
    assert len({(r["appointment_id"], r["measure_id"]) for r in received}) == len(received)
    assert {r["state"] for r in received} <= {"received"}
    found = {(r["appointment_id"], r["measure_id"]): next(iter(r["answers"].values())) for r in received}
    assert found == kept


@pytest.mark.parametrize("seed", range(6))
def test_a_withdrawal_and_a_held_hour_heard_at_once_leave_no_form_open(practice: Practice, seed: int) -> None:
    """Two workers, two topics: whichever is first, the client's no stands."""
    client_id = practice.client()
    at = practice.clock()
    withdrawal = told_as(
        "intake.consent.recorded",
        {"client_id": client_id, "purpose": "feedback_forms", "state": "withdrawn", "recorded_at": at},
        subject=f"client/{client_id}",
        sequence=99,
        at=at,
    )
    hour = practice.hour(client_id)
    held = told_as("scheduling.appointment.held", hour, subject="appointment/1", sequence=1, at=at)
    barrier, failed = Barrier(2), []

    def hear(message: Any) -> None:
        try:
            with practice.database.transaction() as tx:
                tx.execute("SELECT 1")
                barrier.wait(5)
                HANDLERS[message.type](tx, message, now=at)
        except Exception as error:  # noqa: BLE001 - told by the test's own thread
            failed.append(error)

    both = [withdrawal, held] if seed % 2 else [held, withdrawal]
    workers = [Thread(target=hear, args=(message,)) for message in both]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(10)

    assert failed == []
    assert practice.rows("SELECT id FROM offer WHERE state = 'open'") == []


def test_consents_follow_intakes_count_and_not_its_clocks(practice: Practice) -> None:
    client_id = practice.client()

    practice.clock.move(hours=-5)
    practice.consent(client_id, "withdrawn")
    practice.clock.move(hours=5)
    practice.hold(client_id)

    assert practice.rows("SELECT id FROM offer WHERE state = 'open'") == []


def test_who_was_allocated_last_by_intakes_count_is_the_therapist(practice: Practice) -> None:
    from tests.cast import ANA, BEN

    client_id = practice.client(ANA.id)
    practice.clock.move(hours=-5)
    practice.allocate(client_id, BEN.id)
    practice.clock.move(hours=5)

    kept = practice.row("SELECT practitioner_id FROM allocation WHERE ended_at IS NULL")
    assert kept["practitioner_id"] == BEN.id
