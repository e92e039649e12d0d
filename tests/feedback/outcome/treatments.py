"""Outcome measures filled in before sessions, as the check-ins of a practice keep them."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from services.feedback.measures.domain.scoring import score, score_total
from services.feedback.measures.store import definitions
from shared.ids import uuid7
from tests.cast import ANA
from tests.feedback.practice import Practice


def fill_in(
    practice: Practice,
    client_id: UUID,
    appointment_id: UUID,
    measure_id: str,
    answers: Mapping[str, Any] | float | None,
    *,
    shared: bool = True,
    version: int = 1,
) -> UUID:
    """A form before a session: its answers, a total from paper, or None for a form that did not come back."""
    measure = definitions.measures()[measure_id]
    hour = practice.row("SELECT practitioner_id, starts_at FROM hour WHERE appointment_id = %s", appointment_id)
    pair = (client_id, hour["practitioner_id"])
    offer_id, now = uuid7(), practice.clock()
    with practice.database.transaction() as tx:
        tx.execute(
            "INSERT INTO course (id, client_id, practitioner_id, measure_id, measure_version, rules_version, "
            "construct, created_at) VALUES (%s, %s, %s, %s, 1, '1', 'outcome', %s) ON CONFLICT DO NOTHING",
            (uuid7(), *pair, measure_id, now),
        )
        tx.execute(
            "INSERT INTO offer (id, course_id, client_id, practitioner_id, appointment_id, side, measure_id, "
            "measure_version, state, missing_reason, offered_at, expires_at, closed_at) VALUES (%s, (SELECT id FROM "
            "course WHERE client_id = %s AND practitioner_id = %s AND measure_id = %s), %s, %s, %s, 'client', %s, %s, "
            "%s, %s, %s, %s, %s)",
            (
                offer_id,
                *pair,
                measure_id,
                *pair,
                appointment_id,
                measure_id,
                version,
                "unanswered" if answers is None else "received",
                "no_answer" if answers is None else None,
                now,
                now,
                now,
            ),
        )
        if answers is None:
            return offer_id
        given = {} if isinstance(answers, float | int) else dict(answers)
        scored = score_total(measure, answers) if isinstance(answers, float | int) else score(measure, given)
        tx.execute(
            "INSERT INTO checkin (offer_id, client_id, side, channel, answers, total, answered, scoring_rule, sharing, "
            "visible_from, shown, blind, recorded_at) "
            "VALUES (%s, %s, 'client', 'paper', %s, %s, %s, %s, %s, %s, %s, true, %s)",
            (
                offer_id,
                client_id,
                Jsonb(given),
                scored.total,
                scored.answered,
                scored.rule_id,
                "now" if shared else "not",
                now if shared else None,
                shared,
                now,
            ),
        )
    return offer_id


def sessions(
    practice: Practice,
    client_id: UUID,
    totals: Sequence[float | None],
    *,
    measure_id: str = "phq-9",
    therapist: UUID = ANA.id,
) -> list[UUID]:
    """Held sessions, each with this total from paper; None: the form did not come back."""
    held = []
    for total in totals:
        appointment_id = practice.hold(client_id, therapist)
        fill_in(practice, client_id, appointment_id, measure_id, total)
        held.append(appointment_id)
    return held


def booked(practice: Practice, client_id: UUID, therapist: UUID = ANA.id) -> UUID:
    """An hour that is still to come."""
    hour = practice.hour(client_id, therapist)
    hour |= {name: hour[name] + timedelta(hours=3) for name in ("starts_at", "ends_at")}
    practice.tell("booked", hour)
    appointment_id: UUID = hour["appointment_id"]
    return appointment_id
