"""From a measure that is offered before a session to what is said of it, the way it is collected in a clinic."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from services.feedback.collection.commands.corrections import correct
from services.feedback.collection.domain.entry import Entry
from services.feedback.collection.domain.plan import PlanEntry
from services.feedback.collection.store import checkins
from shared.scope import Scope
from tests.feedback.outcome.test_outcome_api import told
from tests.feedback.practice import Caller, Practice

Speak = Callable[..., Caller]


@pytest.fixture
def client_id(practice: Practice) -> UUID:
    practice.plan(PlanEntry("phq-9"), PlanEntry("gad-7"))
    return practice.client()


def marked(mark: int, items: int) -> dict[str, Any]:
    """Every item with the same mark."""
    return {f"q{n}": mark for n in range(1, items + 1)}


def session(practice: Practice, client_id: UUID, phq: int, gad: int) -> dict[str, Any]:
    """An hour booked for today that begins with two questionnaires, each item with the same mark, and takes place."""
    practice.clock.move(days=7)
    hour = practice.book(client_id, hours=2)
    practice.fill(hour["appointment_id"], "phq-9", **marked(phq, 9))
    practice.fill(hour["appointment_id"], "gad-7", **marked(gad, 7))
    practice.clock.move(hours=3)
    practice.tell("held", hour, attendance_code="5", held_at=practice.clock())
    return hour


def test_measures_of_one_session_are_read_side_by_side(practice: Practice, call: Speak, client_id: UUID) -> None:
    session(practice, client_id, 2, 2)
    session(practice, client_id, 1, 1)

    outcome = told(call, client_id)

    by_id = {found["measure"]["id"]: found for found in outcome["measures"]}
    assert by_id.keys() == {"phq-9", "gad-7"}  # the session form is about the relationship, and not here
    assert [(p["session_number"], p["total"]) for p in by_id["phq-9"]["points"]] == [(1, 18), (2, 9)]
    assert by_id["gad-7"]["status"] == "recovered"
    assert outcome["nhs"]["reliable_recovery"] is True


def test_an_answer_from_before_the_session_is_there_in_it(practice: Practice, call: Speak, client_id: UUID) -> None:
    session(practice, client_id, 2, 2)
    hour = practice.book(client_id, hours=2)
    practice.fill(hour["appointment_id"], "phq-9", **marked(1, 9))

    outcome = told(call, client_id)

    phq = next(found for found in outcome["measures"] if found["measure"]["id"] == "phq-9")
    assert (outcome["sessions"], phq["change"]["last"]) == (2, 9)


def test_an_hour_that_did_not_take_place_is_no_session(practice: Practice, call: Speak, client_id: UUID) -> None:
    session(practice, client_id, 2, 2)
    hour = practice.book(client_id, hours=2)
    practice.fill(hour["appointment_id"], "phq-9", **marked(1, 9))
    practice.tell("cancelled", hour, cancelled_at=practice.clock(), cancelled_by="client", reason="illness", late=True)

    assert told(call, client_id)["sessions"] == 1


def test_a_correction_counts_and_what_stood_there_stays_readable(
    practice: Practice, call: Speak, client_id: UUID, ana: Scope
) -> None:
    session(practice, client_id, 2, 2)
    hour = session(practice, client_id, 2, 2)
    offer_id = practice.offer(hour["appointment_id"], measure_id="phq-9").id
    with practice.database.transaction() as tx:
        kept = checkins.checkin_read(tx, ana, offer_id)
        assert kept is not None
        assert kept.version is not None
        entry = Entry(answers=marked(1, 9))
        correct(tx, offer_id, entry, "typing_error", expected_version=kept.version, scope=ana, now=practice.clock())

    phq = next(found for found in told(call, client_id)["measures"] if found["measure"]["id"] == "phq-9")

    point = phq["points"][1]
    assert (point["total"], phq["status"]) == (9, "recovered")
    assert [(c["version"], c["total"], c["reason"]) for c in point["corrections"]] == [(1, 18, "typing_error")]
    assert point["corrections"][0]["answers"] == marked(2, 9)
