"""What a supervision pack is made of; every row passes role, relationship, purpose and the client's consent."""

# ruff: noqa: S608 - the pieces put together are literals of this package; values are parameters

from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from services.feedback.alliance.domain.details import sentence_from
from services.feedback.alliance.store.episodes import COLUMNS, as_kept
from services.feedback.care.domain.clients import NO_CODE
from services.feedback.care.store.visibility import IN_A_PACK, packs
from services.feedback.supervision.domain.packs import DifferingViews, FollowedEpisode
from services.feedback.supervision.domain.weeks import Week
from shared.database import Row, Tx
from shared.ids import uuid7
from shared.scope import Scope
from shared.security.sealing import Place, Sealed

_BESIDE = ("spoken_code", "opening", "latest", "closing", "state_then", "close_noticed_at")  # the episode itself


def episodes_of_week(tx: Tx, scope: Scope, practitioner_id: UUID, week: Week) -> list[FollowedEpisode]:
    """Episodes noticed before the week's end and not closed before its beginning, with what their sessions say."""
    rows = tx.rows(
        f"SELECT {COLUMNS}, k.spoken_code, first.sentence AS opening, last.sentence AS latest, "
        "last.state AS state_then, ending.sentence AS closing, "
        "CASE WHEN t.closed_session IS NULL THEN t.closed_at ELSE coalesce(ending.noticed_at, t.closed_at) END "
        "AS close_noticed_at "
        "FROM episode t LEFT JOIN client k ON k.client_id = t.client_id "
        "LEFT JOIN LATERAL (SELECT detail -> 'sentence' AS sentence FROM reading "
        "     WHERE course_id = t.course_id AND appointment_id = t.opened_appointment AND superseded_at IS NULL) first "
        "  ON true "
        "LEFT JOIN LATERAL (SELECT r.state, r.detail -> 'sentence' AS sentence FROM reading r "
        "     JOIN hour h ON h.appointment_id = r.appointment_id "
        "     WHERE r.course_id = t.course_id AND r.superseded_at IS NULL AND h.starts_at < %(ends)s "
        "     AND r.detail ->> 'missing' IS DISTINCT FROM 'awaited' ORDER BY r.session_number DESC LIMIT 1) last "
        "  ON true "
        "LEFT JOIN LATERAL (SELECT r.detail -> 'sentence' AS sentence, (SELECT min(e.read_at) FROM reading e "
        "       WHERE e.course_id = r.course_id AND e.appointment_id = r.appointment_id AND e.state = r.state) "
        "       AS noticed_at "
        "     FROM reading r WHERE r.course_id = t.course_id AND r.session_number = t.closed_session "
        "     AND r.superseded_at IS NULL) ending ON true "
        "WHERE t.practitioner_id = %(practitioner)s AND t.noticed_at < %(ends)s "
        "AND (t.closed_at IS NULL OR greatest(t.closed_at, ending.noticed_at) >= %(starts)s) "
        f"AND {IN_A_PACK} ORDER BY t.id",
        {"practitioner": practitioner_id, "starts": week.starts_at, "ends": week.ends_at, **packs(scope)},
    )
    return [_followed(row, week) for row in rows]


def _followed(row: Row, week: Week) -> FollowedEpisode:
    code, opening, latest, closing, state_then, noticed_at = (row.pop(name) for name in _BESIDE)
    is_over = noticed_at is not None and noticed_at < week.ends_at
    latest = (closing if is_over else None) or latest
    return FollowedEpisode(
        kept=as_kept(**row),
        spoken_code=code or NO_CODE,
        opening=sentence_from(opening) if opening else None,
        latest=sentence_from(latest) if latest else None,
        state_then=state_then,
        close_noticed_at=noticed_at,
    )


def differing_views(
    tx: Tx, scope: Scope, practitioner_id: UUID, *, since: datetime, before: datetime
) -> list[DifferingViews]:
    """Sessions in which the two views differ, first read in this span of time."""
    rows = tx.rows(
        "SELECT t.client_id, k.spoken_code, r.detail, h.starts_at, first.noticed_at FROM course t "
        "JOIN reading r ON r.course_id = t.id AND r.superseded_at IS NULL AND r.signals && ARRAY['S7', 'S7b'] "
        "JOIN hour h ON h.appointment_id = r.appointment_id "
        "LEFT JOIN client k ON k.client_id = t.client_id "
        "JOIN LATERAL (SELECT min(e.read_at) AS noticed_at FROM reading e WHERE e.course_id = t.id "
        "     AND e.appointment_id = r.appointment_id AND e.signals && ARRAY['S7', 'S7b']) first ON true "
        "WHERE t.practitioner_id = %(practitioner)s AND first.noticed_at >= %(since)s "
        f"AND first.noticed_at < %(before)s AND {IN_A_PACK} ORDER BY h.starts_at, r.id",
        {"practitioner": practitioner_id, "since": since, "before": before, **packs(scope)},
    )
    return [_differing(row) for row in rows]


def _differing(row: Row) -> DifferingViews:
    signal = next(signal for signal in row["detail"]["signals"] if signal["code"] in ("S7", "S7b"))
    return DifferingViews(
        client_id=row["client_id"],
        spoken_code=row["spoken_code"] or NO_CODE,
        starts_at=row["starts_at"],
        noticed_at=row["noticed_at"],
        sentence=sentence_from(signal),
    )


def clients_in_packs(tx: Tx, scope: Scope, practitioner_id: UUID) -> dict[UUID, str | None]:
    """Present clients who can be in this therapist's packs, with their spoken codes."""
    rows = tx.rows(
        "SELECT t.client_id, k.spoken_code FROM allocation t LEFT JOIN client k ON k.client_id = t.client_id "
        f"WHERE t.practitioner_id = %(practitioner)s AND t.ended_at IS NULL AND {IN_A_PACK}",
        {"practitioner": practitioner_id, **packs(scope)},
    )
    return {row["client_id"]: row["spoken_code"] for row in rows}


def wishes_for_supervision(tx: Tx, scope: Scope, practitioner_id: UUID) -> dict[UUID, str]:
    """The open wishes, by client, whose writers let their therapist's supervisor read them."""
    rows = tx.rows(
        "SELECT t.id, t.client_id, t.words FROM "
        "(SELECT w.*, c.practitioner_id FROM wish w JOIN course c ON c.id = w.course_id) t "
        "WHERE t.practitioner_id = %(practitioner)s AND t.state = 'open' AND t.readers = 'supervision' "
        f"AND {IN_A_PACK}",
        {"practitioner": practitioner_id, **packs(scope)},
    )
    words = tx.vault.open_many(
        tx, [Sealed(row["client_id"], Place("wish", "words", row["id"]), row["words"]) for row in rows]
    )
    return {row["client_id"]: text for row, text in zip(rows, words, strict=True)}


def may_hold(tx: Tx, scope: Scope, practitioner_id: UUID, client_id: UUID) -> bool:
    """Tell whether this client can be in packs of this therapist that the asker may read."""
    return bool(
        tx.value(
            "SELECT EXISTS (SELECT 1 FROM allocation t WHERE t.practitioner_id = %(practitioner)s "
            f"AND t.client_id = %(client)s AND {IN_A_PACK})",
            {"practitioner": practitioner_id, "client": client_id, **packs(scope)},
        )
    )


@dataclass(frozen=True, slots=True)
class NewPoint:
    """What supervisor and therapist agreed on about one client, in a code; its words come beside it."""

    id: UUID
    supervisor_id: UUID
    practitioner_id: UUID
    client_id: UUID
    week: str
    code: str
    noted_at: datetime


@dataclass(frozen=True, slots=True)
class Point:
    """What was agreed on about one client, with its words."""

    id: UUID
    client_id: UUID
    week: str
    code: str
    words: str | None
    noted_at: datetime


@dataclass(frozen=True, slots=True)
class Supervision:
    """Somebody supervises a therapist, or did until a day."""

    id: UUID
    supervisor_id: UUID
    practitioner_id: UUID
    from_at: datetime
    until_at: datetime | None


def add_point(tx: Tx, point: NewPoint, words: str | None) -> None:
    """Keep what was agreed on; its words sealed under the client's key."""
    place = Place("supervision_point", "words", point.id)
    sealed = tx.vault.seal(tx, point.client_id, place, words) if words else None
    tx.execute(
        "INSERT INTO supervision_point (id, supervisor_id, practitioner_id, client_id, week, code, words, "
        "noted_at) VALUES (%(id)s, %(supervisor_id)s, %(practitioner_id)s, %(client_id)s, %(week)s, "
        "%(code)s, %(words)s, %(noted_at)s)",
        {**asdict(point), "words": sealed},
    )


def points(tx: Tx, scope: Scope, practitioner_id: UUID, *, before: datetime) -> list[Point]:
    """What was agreed on until then, newest first, for the two who agreed on it; `words` opened."""
    rows = tx.rows(
        "SELECT t.id, t.client_id, t.week, t.code, t.words, t.noted_at FROM supervision_point t "
        "WHERE t.practitioner_id = %(practitioner)s AND t.noted_at < %(before)s "
        "AND (t.practitioner_id = %(own_work)s::uuid OR t.supervisor_id = %(supervises)s::uuid) "
        f"AND {IN_A_PACK} ORDER BY t.noted_at DESC, t.id",
        {"practitioner": practitioner_id, "before": before, **packs(scope)},
    )
    sealed = [row for row in rows if row["words"] is not None]
    places = [Sealed(r["client_id"], Place("supervision_point", "words", r["id"]), r["words"]) for r in sealed]
    for row, text in zip(sealed, tx.vault.open_many(tx, places), strict=True):
        row["words"] = text
    return [Point(**row) for row in rows]


def set_supervisors(
    tx: Tx, practitioner_id: UUID, supervisor_ids: list[UUID], *, by: UUID | None, now: datetime
) -> None:
    """These and no others supervise this therapist from now on."""
    # One writer per therapist; released when the transaction ends.
    tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"supervision/{practitioner_id}",))
    tx.execute(
        "UPDATE supervision SET until_at = greatest(%(now)s, from_at), ended_by = %(by)s "
        "WHERE practitioner_id = %(practitioner)s AND until_at IS NULL AND NOT supervisor_id = ANY(%(stay)s)",
        {"now": now, "by": by, "practitioner": practitioner_id, "stay": supervisor_ids},
    )
    tx.many(
        "INSERT INTO supervision (id, supervisor_id, practitioner_id, from_at, begun_by) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT (practitioner_id, supervisor_id) WHERE until_at IS NULL DO NOTHING",
        [(uuid7(), supervisor_id, practitioner_id, now, by) for supervisor_id in supervisor_ids],
    )


def supervisions(tx: Tx, scope: Scope, *, practitioner_id: UUID | None, ended: bool) -> list[Supervision]:
    """The pairs, the present ones first: all for who arranges them, for others those they are part of."""
    return tx.rows_as(
        Supervision,
        "SELECT t.id, t.supervisor_id, t.practitioner_id, t.from_at, t.until_at FROM supervision t "
        "WHERE (%(sees_all)s OR t.practitioner_id = %(own)s OR t.supervisor_id = %(own)s) "
        "AND (%(practitioner)s::uuid IS NULL OR t.practitioner_id = %(practitioner)s) "
        "AND (%(ended)s OR t.until_at IS NULL) "
        "ORDER BY t.until_at DESC NULLS FIRST, t.from_at, t.id LIMIT 500",
        {
            "sees_all": scope.is_system or scope.has("clinical_lead", "manager"),
            "own": scope.actor,
            "practitioner": practitioner_id,
            "ended": ended,
        },
    )


def opens_pack(tx: Tx, scope: Scope, practitioner_id: UUID) -> bool:
    """Tell whether the asker may read this therapist's packs: their own, or as their present supervisor."""
    asks = packs(scope)
    if asks["own_work"] == practitioner_id:
        return True
    return bool(
        tx.value(
            "SELECT EXISTS (SELECT 1 FROM supervision WHERE practitioner_id = %(practitioner)s "
            "AND supervisor_id = %(supervises)s::uuid AND until_at IS NULL)",
            {"practitioner": practitioner_id, **asks},
        )
    )
