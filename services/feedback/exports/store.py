"""Rows for exports, read as a stream; what may not leave is not in them."""

# ruff: noqa: S608 - the pieces put together are literals of this package; values are parameters

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.feedback.care.domain.days import midnight
from services.feedback.care.store.visibility import EXPORTED, VISIBLE, clinical, exported
from services.feedback.exports.domain.csv.requests import Basis, ExportRequest
from services.feedback.exports.domain.csv.rows import ExportedEpisode, ExportedForm, ExportedReading
from services.feedback.measures.domain.answers import Answer
from shared.database import Tx
from shared.scope import Scope

# Held sessions of people who work or worked together, numbered as the reader numbers them, then narrowed to the
# period. Sessions with a stand-in are no part of a course. The order is a salted hash's: the order of ids is the
# order of registration, which would tell who is who.
_SESSIONS = f"""
    WITH held AS (
      SELECT t.appointment_id, t.client_id, t.practitioner_id, t.starts_at,
             row_number() OVER w AS session, first_value(t.starts_at) OVER w AS first_at
        FROM hour t
       WHERE t.status = 'held' AND {EXPORTED}
         AND (%(client_id)s::uuid IS NULL OR t.client_id = %(client_id)s)
         AND EXISTS (SELECT 1 FROM allocation p
                      WHERE p.client_id = t.client_id AND p.practitioner_id = t.practitioner_id)
      WINDOW w AS (PARTITION BY t.client_id, t.practitioner_id ORDER BY t.starts_at, t.appointment_id)),
    session AS (
      SELECT held.*, sha256(%(salt)s || uuid_send(client_id)) AS place_c,
             sha256(%(salt)s || uuid_send(client_id) || uuid_send(practitioner_id)) AS place_p
        FROM held
       WHERE (%(since)s::timestamptz IS NULL OR starts_at >= %(since)s)
         AND (%(until)s::timestamptz IS NULL OR starts_at < %(until)s))"""

# `v` is the check-in only where its answers may be seen; `c` says no more than that there is one.
_FORMS = f"""{_SESSIONS},
    form AS (
      SELECT s.*, o.measure_id, o.measure_version, 'client' AS side, o.state AS offer_state, o.missing_reason,
             o.moment, o.id AS offer_id
        FROM session s
        LEFT JOIN LATERAL (
             SELECT DISTINCT ON (measure_id) * FROM offer
              WHERE appointment_id = s.appointment_id AND side = 'client'
              ORDER BY measure_id, state = 'withdrawn', offered_at DESC) o ON true
      UNION ALL
      SELECT s.*, o.measure_id, o.measure_version, 'therapist', o.state, o.missing_reason, o.moment, o.id
        FROM session s JOIN offer o ON o.appointment_id = s.appointment_id AND o.side = 'therapist'
         AND o.state = 'received')
    SELECT f.appointment_id, f.client_id, f.practitioner_id, f.starts_at, f.first_at, f.session, f.measure_id,
           f.measure_version, f.side, f.moment, f.offer_state, f.missing_reason, c.sharing,
           v.channel, v.answers, v.total, v.answered,
           v.scoring_rule, v.said, v.talked, v.blind, v.version, v.total_only
      FROM form f
      LEFT JOIN checkin c ON c.offer_id = f.offer_id
      LEFT JOIN checkin v ON v.offer_id = f.offer_id AND v.shown AND v.visible_from <= %(now)s
     ORDER BY f.place_c, f.place_p, f.session, f.side, f.measure_id, f.offer_id"""


def holds_client(tx: Tx, scope: Scope, request: ExportRequest) -> bool:
    """Tell whether the one client that was asked for is in it."""
    params = {"client": request.client_id, "actor": scope.actor, **_params(tx, scope, request, b"")}
    return bool(
        tx.value(
            f"SELECT {EXPORTED} FROM (SELECT %(client)s::uuid AS client_id, %(actor)s::uuid AS practitioner_id) t",
            params,
        )
    )


def forms(tx: Tx, scope: Scope, request: ExportRequest, salt: bytes, *, now: datetime) -> Iterator[ExportedForm]:
    """Every measure asked at every held session: what came back, or why not; and the therapist's impressions."""
    rows = tx.stream(_FORMS, _params(tx, scope, request, salt) | {"now": now})
    return (ExportedForm(**row) for row in rows)


def readings(tx: Tx, scope: Scope, request: ExportRequest, salt: bytes) -> Iterator[ExportedReading]:
    """The readings in force."""
    rows = tx.stream(
        f"""{_SESSIONS}
        SELECT s.client_id, s.practitioner_id, s.starts_at, s.first_at, s.session, k.measure_id, k.measure_version,
               r.state, r.detail, r.rules_version
          FROM session s
          JOIN reading r ON r.appointment_id = s.appointment_id AND r.superseded_at IS NULL
          JOIN course k ON k.id = r.course_id
         ORDER BY s.place_c, s.place_p, s.session, k.measure_id""",
        _params(tx, scope, request, salt),
    )
    return (ExportedReading(**row) for row in rows)


def episodes(tx: Tx, scope: Scope, request: ExportRequest, salt: bytes) -> Iterator[ExportedEpisode]:
    """Episodes that opened within the period, without those that a correction took back."""
    rows = tx.stream(
        f"""{_SESSIONS}
        SELECT s.client_id, s.practitioner_id, s.first_at, k.measure_id, k.measure_version, k.rules_version,
               e.id, e.state, e.opened_by, e.opened_session, e.opened_at, e.m_pre, e.s_pre, e.lowest, e.verdict,
               e.checkins, e.late, e.conversation_held_on, e.not_yet, e.tried, e.closed_session,
               e.closed_at, e.close_reason, e.closed_by
          FROM session s
          JOIN episode e ON e.opened_appointment = s.appointment_id
          JOIN course k ON k.id = e.course_id
         WHERE e.close_reason IS DISTINCT FROM 'superseded'
         ORDER BY s.place_c, s.place_p, e.opened_session, k.measure_id""",
        _params(tx, scope, request, salt),
    )
    return (ExportedEpisode(**row) for row in rows)


@dataclass(frozen=True, slots=True)
class SharedCheckin:
    """A form that a client or their therapist gave back, and that may be seen."""

    offer_id: UUID
    measure_id: str
    measure_version: int
    practitioner_id: UUID
    side: str
    starts_at: datetime
    recorded_at: datetime
    answers: Mapping[str, Answer]
    total: float | None
    total_only: bool
    version: int
    sharing: str


def shared_forms(
    tx: Tx, scope: Scope, client_id: UUID, practitioner_id: UUID | None, *, now: datetime
) -> list[SharedCheckin]:
    """What one client and their therapist gave back and may be seen, by session; None: with every therapist."""
    return tx.rows_as(
        SharedCheckin,
        "SELECT t.offer_id, o.measure_id, o.measure_version, o.practitioner_id, t.side, h.starts_at, "
        "t.recorded_at, t.answers, t.total, t.total_only, t.version, t.sharing FROM checkin t "
        "JOIN offer o ON o.id = t.offer_id JOIN hour h ON h.appointment_id = o.appointment_id "
        "WHERE t.client_id = %(client)s AND t.shown AND t.visible_from <= %(now)s "
        "AND (%(practitioner)s::uuid IS NULL OR o.practitioner_id = %(practitioner)s) "
        f"AND {VISIBLE} ORDER BY h.starts_at, t.side, t.offer_id",
        {"client": client_id, "practitioner": practitioner_id, "now": now, **clinical(scope)},
    )


def kept_back(tx: Tx, scope: Scope, client_id: UUID, practitioner_id: UUID | None, *, now: datetime) -> int:
    """How many forms the client gave back that are not to be seen, or not yet."""
    return int(
        tx.value(
            "SELECT count(*) FROM checkin t JOIN offer o ON o.id = t.offer_id "
            "WHERE t.client_id = %(client)s AND t.side = 'client' "
            "AND NOT (t.shown AND coalesce(t.visible_from <= %(now)s, false)) "
            "AND (%(practitioner)s::uuid IS NULL OR o.practitioner_id = %(practitioner)s) "
            f"AND {VISIBLE}",
            {"client": client_id, "practitioner": practitioner_id, "now": now, **clinical(scope)},
        )
    )


def _params(tx: Tx, scope: Scope, request: ExportRequest, salt: bytes) -> dict[str, Any]:
    return {
        "client_id": request.client_id,
        "since": midnight(request.first, tx.zone) if request.first else None,
        "until": midnight(request.last + timedelta(days=1), tx.zone) if request.last else None,
        "salt": salt,
        **exported(scope, by_consent=request.basis is Basis.CONSENT),
    }
