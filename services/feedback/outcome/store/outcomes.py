"""Outcome: totals of a client's measures in their present treatment."""

# ruff: noqa: S608 - the pieces put together are literals of this package; values are parameters

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.feedback.care.store.visibility import VISIBLE, clinical
from services.feedback.outcome.domain.history import Correction, Form, TreatmentHour
from shared.database import Tx
from shared.scope import Scope

# When the treatment before the present one ended; a change of therapist ends none. The client's row is t.
BEGAN_AFTER = """coalesce((
    SELECT max(p.ended_at) FROM allocation p JOIN LATERAL (
           SELECT a.allocation_id, a.allocated_at FROM allocation a WHERE a.client_id = t.client_id
            ORDER BY a.ended_at DESC NULLS FIRST, a.allocated_at DESC LIMIT 1) present ON true
     WHERE p.client_id = t.client_id AND p.end_reason = 'therapy_ended'
       AND p.ended_at <= present.allocated_at AND p.allocation_id <> present.allocation_id), '-infinity')"""
# First and last total of each client of `began` (client_id, after) on each version of each measure since then.
FIRST_AND_LAST = """
    SELECT o.client_id, o.measure_id, o.measure_version, (array_agg(c.total ORDER BY h.starts_at))[1] AS first,
           (array_agg(c.total ORDER BY h.starts_at DESC))[1] AS last, max(h.starts_at) AS last_at, count(*) AS totals
      FROM began b JOIN offer o ON o.client_id = b.client_id AND o.side = 'client' AND o.measure_id = ANY(%(measures)s)
      JOIN checkin c ON c.offer_id = o.id AND c.total IS NOT NULL AND c.visible_from <= %(now)s
      JOIN hour h ON h.appointment_id = o.appointment_id AND h.status IN ('held', 'booked') AND h.starts_at > b.after
     GROUP BY o.client_id, o.measure_id, o.measure_version"""
# What is filled in before a session counts from when it came back: it is what the two talk about in that hour.
_HELD_OR_ANSWERED = """(t.status = 'held' OR t.status = 'booked' AND EXISTS (
    SELECT 1 FROM offer ao JOIN checkin ac ON ac.offer_id = ao.id
     WHERE ao.appointment_id = t.appointment_id AND ao.side = 'client' AND ao.measure_id = ANY(%(measures)s)))"""


def treatment_hours(tx: Tx, scope: Scope, client_id: UUID, measures: Sequence[str]) -> list[TreatmentHour]:
    """The sessions of the present treatment (the last one, once it has ended), with whatever therapist, in order."""
    return tx.rows_as(
        TreatmentHour,
        f"SELECT t.appointment_id, t.starts_at, t.practitioner_id FROM hour t WHERE t.client_id = %(client)s "
        f"AND t.starts_at > {BEGAN_AFTER} AND {_HELD_OR_ANSWERED} AND {VISIBLE} "
        "ORDER BY t.starts_at, t.appointment_id",
        {"client": client_id, "measures": list(measures), **clinical(scope)},
    )


def forms_of(tx: Tx, scope: Scope, client_id: UUID, measures: Sequence[str], *, now: datetime) -> dict[str, list[Form]]:
    """
    What became of every offer of these measures to a client, by measure.

    Answers and totals that the therapist may not see now stay in the database.
    """
    rows = tx.rows(
        "SELECT DISTINCT ON (t.measure_id, t.appointment_id) t.id, t.measure_id, t.appointment_id, t.measure_version, "
        "t.state AS offer_state, t.missing_reason, c.sharing, v.visible, "
        "CASE WHEN v.visible THEN c.total END AS total, "
        "CASE WHEN v.visible THEN coalesce(c.subscales, '{}') ELSE '{}' END AS subscales, "
        "CASE WHEN v.visible THEN c.answered ELSE 0 END AS answered, "
        "CASE WHEN v.visible THEN c.answers ELSE '{}' END AS answers, "
        "CASE WHEN v.visible THEN c.scoring_rule ELSE '' END AS scoring_rule, c.recorded_at "
        "FROM offer t LEFT JOIN checkin c ON c.offer_id = t.id "
        "CROSS JOIN LATERAL (SELECT coalesce(c.visible_from <= %(now)s, false) AS visible) v "
        f"WHERE t.client_id = %(client)s AND t.side = 'client' AND t.measure_id = ANY(%(measures)s) AND {VISIBLE} "
        "ORDER BY t.measure_id, t.appointment_id, t.state = 'withdrawn', t.offered_at DESC",
        {"client": client_id, "measures": list(measures), "now": now, **clinical(scope)},
    )
    corrected = _corrections(tx, scope, [row["id"] for row in rows if row["visible"]])
    found: dict[str, list[Form]] = {}
    for row in rows:
        corrections = tuple(corrected.get(row.pop("id"), ()))
        found.setdefault(row.pop("measure_id"), []).append(Form(**row, corrections=corrections))
    return found


def _corrections(tx: Tx, scope: Scope, offer_ids: Sequence[UUID]) -> dict[UUID, list[Correction]]:
    """What stood in these check-ins before they were corrected, oldest first."""
    rows = tx.rows(
        "SELECT v.offer_id, v.version, v.total, v.answers, v.reason, v.superseded_at FROM checkin_version v "
        f"JOIN checkin t ON t.offer_id = v.offer_id WHERE v.offer_id = ANY(%(offers)s) AND {VISIBLE} "
        # Of the check-in that stands alone: what was withdrawn, and all before it, was no earlier word of it.
        "AND NOT EXISTS (SELECT 1 FROM checkin_version w WHERE w.offer_id = v.offer_id AND w.version >= v.version "
        "  AND w.withdrawn IS NOT NULL AND w.restored_at IS NULL) AND v.withdrawn IS NULL "
        "ORDER BY v.offer_id, v.version",
        {"offers": list(offer_ids), **clinical(scope)},
    )
    found: dict[UUID, list[Correction]] = {}
    for row in rows:
        found.setdefault(row.pop("offer_id"), []).append(Correction(**row))
    return found


@dataclass(frozen=True, slots=True)
class FirstAndLast:
    """The first and the last of `totals` totals of one client on one version of a measure; the last at `last_at`."""

    client_id: UUID
    measure_id: str
    measure_version: int
    first: float
    last: float
    last_at: datetime
    totals: int


def first_and_last(
    tx: Tx, scope: Scope, client_ids: Sequence[UUID], measures: Sequence[str], *, now: datetime
) -> list[FirstAndLast]:
    """
    First and last total of each client on each version of each measure in the present treatment, latest version last.

    For lists: one question for all of them, and no answers of single items.
    """
    return tx.rows_as(
        FirstAndLast,
        "WITH began AS MATERIALIZED (SELECT t.client_id, "
        f"     {BEGAN_AFTER} AS after FROM unnest(%(clients)s::uuid[]) AS t (client_id) WHERE {VISIBLE}) "
        f"{FIRST_AND_LAST} ORDER BY o.client_id, o.measure_id, last_at",
        {"clients": list(client_ids), "measures": list(measures), "now": now, **clinical(scope)},
    )
