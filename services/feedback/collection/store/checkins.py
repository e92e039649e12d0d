"""Check-ins: answers as they were given; corrected or withdrawn, what stood there before stays as a version."""

# ruff: noqa: S608 - the pieces put together are literals of this package; values are parameters

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from services.feedback.care.store.visibility import BETWEEN_THE_TWO, VISIBLE, clinical
from services.feedback.collection.domain.offers import Offer
from services.feedback.collection.domain.withdrawn_entries import undo_until
from services.feedback.measures.domain import Side
from services.feedback.measures.domain.answers import Answer
from services.feedback.measures.domain.scoring import Score
from shared.database import Tx
from shared.scope import Scope


@dataclass(frozen=True, slots=True)
class NewCheckin:
    """A filled-in form on its way in; `answers` without free text."""

    offer_id: UUID
    client_id: UUID
    side: Side
    channel: str
    entered_by: UUID | None
    answers: Mapping[str, Answer]
    score: Score
    said: str | None
    talked: str | None
    sharing: str
    visible_from: datetime | None
    shown: bool
    blind: bool
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a check-in says after a correction; `answers` without free text."""

    answers: Mapping[str, Answer]
    score: Score
    said: str | None
    talked: str | None
    reason: str
    blind: bool


@dataclass(frozen=True, slots=True)
class KeptCheckin:
    """What decides about showing a check-in."""

    shown: bool
    answers: Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class CorrectableCheckin:
    """All that a correction, or a withdrawal, starts from."""

    version: int
    answers: Mapping[str, Answer]
    total: float | None
    subscales: Mapping[str, float | None] | None
    shown: bool
    entered_by: UUID | None
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class WithdrawnEntry:
    """An entry that was withdrawn and not brought back, as it stood."""

    version: int
    withdrawn_at: datetime
    channel: str
    recorded_at: datetime
    entered_by: UUID
    shown: bool
    answers: Mapping[str, Answer]


@dataclass(frozen=True, slots=True)
class EarlierVersion:
    """
    What stood in a check-in until it was corrected or withdrawn.

    Of an entry that was withdrawn before it could be seen, answers and totals are None.
    `restored_at` is when a withdrawn one was brought back.
    """

    version: int
    answers: Mapping[str, Answer] | None
    total: float | None
    subscales: Mapping[str, float | None] | None
    answered: int | None
    superseded_at: datetime
    superseded_by: UUID | None
    reason: str
    withdrawn: bool
    restored_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReadCheckin:
    """An offer with what came back of it: None where nothing did, and for answers that are not shown."""

    id: UUID
    client_id: UUID
    practitioner_id: UUID
    appointment_id: UUID
    side: str
    moment: str
    measure_id: str
    measure_version: int
    state: str
    missing_reason: str | None
    sharing: str | None
    shown: bool
    version: int | None
    channel: str | None
    recorded_at: datetime | None
    entered_by: UUID | None
    answers: Mapping[str, Answer] | None
    total: float | None
    subscales: Mapping[str, float | None] | None
    answered: int | None
    scoring_rule: str | None
    total_only: bool
    earlier: Sequence[EarlierVersion]

    @property
    def undo_until(self) -> datetime | None:
        """Until when the entry that was withdrawn last can be brought back; None where there is none."""
        if self.version is not None or not self.earlier or not self.earlier[-1].withdrawn:
            return None
        return undo_until(self.earlier[-1].superseded_at)


@dataclass(frozen=True, slots=True)
class WaitingCheckin:
    """A check-in whose hour to be shown has come."""

    offer_id: UUID
    client_id: UUID


def add_checkin(tx: Tx, new: NewCheckin, browser_id: UUID | None) -> None:
    """Keep one filled-in form, and the client's browser that sent it, where one did."""
    tx.execute(
        "INSERT INTO checkin (offer_id, client_id, side, channel, entered_by, answers, total, answered, scoring_rule, "
        "said, talked, sharing, visible_from, shown, blind, recorded_at, subscales, total_only, browser_id, version) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, "
        # One that takes the place of a withdrawn entry goes on counting: versions of a check-in are told apart by it.
        "(SELECT coalesce(max(version), 0) + 1 FROM checkin_version WHERE offer_id = %s))",
        (
            new.offer_id,
            new.client_id,
            new.side,
            new.channel,
            new.entered_by,
            Jsonb(dict(new.answers)),
            new.score.total,
            new.score.answered,
            new.score.rule_id,
            new.said,
            new.talked,
            new.sharing,
            new.visible_from,
            new.shown,
            new.blind,
            new.recorded_at,
            Jsonb(dict(new.score.subscales)),
            new.score.typed,
            browser_id,
            new.offer_id,
        ),
    )


def checkin_of(tx: Tx, scope: Scope, offer_id: UUID) -> KeptCheckin | None:
    """What decides about showing one check-in; locked."""
    return tx.row_as(
        KeptCheckin,
        f"SELECT t.shown, t.answers FROM checkin t WHERE t.offer_id = %(id)s AND {VISIBLE} FOR UPDATE OF t",
        {"id": offer_id, **clinical(scope)},
    )


def checkin_to_correct(tx: Tx, scope: Scope, offer_id: UUID) -> CorrectableCheckin | None:
    """All that a correction, or a withdrawal, starts from; locked."""
    return tx.row_as(
        CorrectableCheckin,
        "SELECT c.version, c.answers, c.total, c.subscales, c.shown, c.entered_by, c.recorded_at "
        "FROM checkin c JOIN offer o ON o.id = c.offer_id JOIN course t ON t.id = o.course_id "
        f"WHERE c.offer_id = %(id)s AND {VISIBLE} AND {BETWEEN_THE_TWO} FOR UPDATE OF c",
        {"id": offer_id, **clinical(scope)},
    )


def correct_checkin(tx: Tx, offer_id: UUID, new: Corrected, *, by: UUID | None, now: datetime) -> int:
    """Keep what stood there as an older version, and the new answers in its place; returns the new version."""
    tx.execute(
        "INSERT INTO checkin_version (offer_id, version, answers, total, subscales, answered, scoring_rule, "
        "superseded_at, superseded_by, reason) SELECT offer_id, version, answers, total, subscales, answered, "
        "scoring_rule, %s, %s, %s FROM checkin WHERE offer_id = %s",
        (now, by, new.reason, offer_id),
    )
    version: int = tx.value(
        "UPDATE checkin SET version = version + 1, answers = %s, total = %s, subscales = %s, answered = %s, "
        "scoring_rule = %s, said = %s, talked = %s, total_only = %s, blind = blind AND %s "
        "WHERE offer_id = %s RETURNING version",
        (
            Jsonb(dict(new.answers)),
            new.score.total,
            Jsonb(dict(new.score.subscales)),
            new.score.answered,
            new.score.rule_id,
            new.said,
            new.talked,
            new.score.typed,
            new.blind,
            offer_id,
        ),
    )
    return version


def withdraw_checkin(tx: Tx, offer_id: UUID, reason: str, *, by: UUID | None, now: datetime) -> None:
    """Take an entry away; the whole of it stays as an older version."""
    tx.execute(
        "INSERT INTO checkin_version (offer_id, version, answers, total, subscales, answered, scoring_rule, "
        "superseded_at, superseded_by, reason, withdrawn) SELECT offer_id, version, answers, total, subscales, "
        "answered, scoring_rule, %s, %s, %s, to_jsonb(c) FROM checkin c WHERE offer_id = %s",
        (now, by, reason, offer_id),
    )
    tx.execute("DELETE FROM checkin WHERE offer_id = %s", (offer_id,))


def withdrawn_entry(tx: Tx, scope: Scope, offer_id: UUID) -> WithdrawnEntry | None:
    """The entry that was withdrawn last and not brought back; locked. None where another check-in stands."""
    row = tx.row(
        "SELECT v.version, v.superseded_at AS withdrawn_at, v.withdrawn ->> 'channel' AS channel, "
        "(v.withdrawn ->> 'recorded_at')::timestamptz AS recorded_at, "
        "(v.withdrawn ->> 'entered_by')::uuid AS entered_by, (v.withdrawn ->> 'shown')::boolean AS shown, v.answers "
        "FROM checkin_version v JOIN offer o ON o.id = v.offer_id JOIN course t ON t.id = o.course_id "
        f"WHERE v.offer_id = %(id)s AND v.withdrawn IS NOT NULL AND v.restored_at IS NULL AND {VISIBLE} "
        f"AND {BETWEEN_THE_TWO} AND NOT EXISTS (SELECT 1 FROM checkin c WHERE c.offer_id = v.offer_id) "
        "ORDER BY v.version DESC LIMIT 1 FOR UPDATE OF v",
        {"id": offer_id, **clinical(scope)},
    )
    return None if row is None else WithdrawnEntry(**row)


def restore_checkin(tx: Tx, offer_id: UUID, version: int, *, by: UUID | None, now: datetime) -> int:
    """Put a withdrawn entry back as it stood; returns the version that it is now."""
    tx.execute(
        "INSERT INTO checkin SELECT (jsonb_populate_record(NULL::checkin, withdrawn)).* FROM checkin_version "
        "WHERE offer_id = %s AND version = %s",
        (offer_id, version),
    )
    tx.execute(
        "UPDATE checkin_version SET restored_at = %s, restored_by = %s WHERE offer_id = %s AND version = %s",
        (now, by, offer_id, version),
    )
    restored: int = tx.value(
        "UPDATE checkin SET version = version + 1 WHERE offer_id = %s RETURNING version", (offer_id,)
    )
    return restored


def checkin_read(tx: Tx, scope: Scope, offer_id: UUID) -> ReadCheckin | None:
    """An offer with its check-in and earlier versions, as far as the scope opens them; answers only where shown."""
    row = tx.row(
        "SELECT o.id, o.client_id, o.practitioner_id, o.appointment_id, o.side, o.moment, o.measure_id, "
        "o.measure_version, o.state, o.missing_reason, c.sharing, coalesce(c.shown, false) AS shown, c.version, "
        "c.channel, c.recorded_at, c.entered_by, "
        "CASE WHEN c.shown THEN c.answers END AS answers, CASE WHEN c.shown THEN c.total END AS total, "
        "CASE WHEN c.shown THEN c.subscales END AS subscales, CASE WHEN c.shown THEN c.answered END AS answered, "
        "CASE WHEN c.shown THEN c.scoring_rule END AS scoring_rule, coalesce(c.total_only, false) AS total_only "
        "FROM offer o JOIN course t ON t.id = o.course_id LEFT JOIN checkin c ON c.offer_id = o.id "
        f"WHERE o.id = %(id)s AND {VISIBLE} AND {BETWEEN_THE_TWO}",
        {"id": offer_id, **clinical(scope)},
    )
    return None if row is None else ReadCheckin(**row, earlier=_earlier_versions(tx, scope, offer_id))


def _earlier_versions(tx: Tx, scope: Scope, offer_id: UUID) -> list[EarlierVersion]:
    """What stood in a check-in before it was corrected or withdrawn, oldest first; no answers that are not shown."""
    return tx.rows_as(
        EarlierVersion,
        "SELECT v.version, CASE WHEN s.shown THEN v.answers END AS answers, "
        "CASE WHEN s.shown THEN v.total END AS total, "
        "CASE WHEN s.shown THEN v.subscales END AS subscales, CASE WHEN s.shown THEN v.answered END AS answered, "
        "v.superseded_at, v.superseded_by, v.reason, v.withdrawn IS NOT NULL AS withdrawn, v.restored_at "
        "FROM checkin_version v JOIN offer o ON o.id = v.offer_id JOIN course t ON t.id = o.course_id "
        "LEFT JOIN checkin c ON c.offer_id = v.offer_id "
        # What one entry says is shown or kept back as a whole: with its withdrawal, else with the check-in that stands.
        "CROSS JOIN LATERAL (SELECT coalesce((SELECT (w.withdrawn ->> 'shown')::boolean FROM checkin_version w "
        "  WHERE w.offer_id = v.offer_id AND w.version >= v.version AND w.withdrawn IS NOT NULL "
        "  ORDER BY w.version LIMIT 1), c.shown, false) AS shown) s "
        f"WHERE v.offer_id = %(id)s AND (s.shown OR v.withdrawn IS NOT NULL) AND {VISIBLE} AND {BETWEEN_THE_TWO} "
        "ORDER BY v.version",
        {"id": offer_id, **clinical(scope)},
    )


def waiting_to_be_shown(tx: Tx, scope: Scope, *, now: datetime, limit: int) -> list[WaitingCheckin]:
    """Check-ins whose hour to be shown has come; for this service's own work."""
    return tx.rows_as(
        WaitingCheckin,
        "SELECT t.offer_id, t.client_id FROM checkin t JOIN offer o ON o.id = t.offer_id "
        "WHERE NOT t.shown AND t.visible_from <= %s AND %s ORDER BY t.visible_from, t.offer_id LIMIT %s",
        (now, scope.is_system, limit),
    )


def keep_back_until(tx: Tx, appointment_id: UUID, ends_at: datetime) -> None:
    """What is to be seen "after I have left" waits for the end of the hour, which was put at another time."""
    tx.execute(
        "UPDATE checkin c SET visible_from = %(ends_at)s FROM offer o WHERE o.id = c.offer_id "
        "AND o.appointment_id = %(appointment)s AND c.sharing = 'after' AND NOT c.shown "
        "AND c.visible_from < %(ends_at)s",
        {"ends_at": ends_at, "appointment": appointment_id},
    )


def mark_shown(tx: Tx, offer_id: UUID) -> None:
    """From here on the course is read with it."""
    tx.execute("UPDATE checkin SET shown = true WHERE offer_id = %s", (offer_id,))


def keep_release(tx: Tx, offer_id: UUID, *, released_by: UUID | None, now: datetime) -> None:
    """The client changed their mind: the therapist may see it from now on."""
    tx.execute(
        "UPDATE checkin SET visible_from = %s, shown = true, released_at = %s, released_by = %s WHERE offer_id = %s",
        (now, now, released_by, offer_id),
    )


def answers_were_opened(tx: Tx, scope: Scope, impression: Offer) -> bool:
    """Tell whether the asker knows the client's answers about this session: entered, or opened since they show."""
    found = tx.value(
        "SELECT true FROM offer o JOIN checkin c ON c.offer_id = o.id "
        "WHERE o.appointment_id = %(appointment)s AND o.side = 'client' AND o.course_id = %(course)s "
        "AND (c.entered_by = %(by)s OR c.visible_from IS NOT NULL AND EXISTS ("
        "  SELECT 1 FROM answers_opened t WHERE t.client_id = %(client)s AND t.actor = %(by)s "
        "  AND t.opened_at >= c.visible_from))",
        {
            "appointment": impression.appointment_id,
            "course": impression.course_id,
            "client": impression.client_id,
            "by": scope.actor,
        },
    )
    return bool(found)
