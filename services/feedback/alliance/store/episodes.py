"""Episodes as they are kept."""

# ruff: noqa: S608 - the pieces put together are literals of this package; values are parameters

from dataclasses import asdict
from typing import Any
from uuid import UUID

from services.feedback.alliance.domain.kept_episodes import KeptEpisode, ListedEpisode
from services.feedback.care.domain.clients import NO_CODE
from services.feedback.care.store.visibility import BETWEEN_THE_TWO, VISIBLE, clinical
from shared.database import Statement, Tx
from shared.scope import Scope

COLUMNS = (
    "t.id, t.version, t.told, t.course_id, t.client_id, t.practitioner_id, t.state, t.opened_session, "
    "t.opened_appointment, "
    "t.opened_at, t.opened_by, t.lead_in_session, t.m_pre, t.s_pre, t.lowest, t.verdict, t.checkins, t.late, "
    "t.noticed_at, t.closed_session, t.closed_at, t.close_reason, t.conversation_held_on, t.conversation_noted_by, "
    "t.owner_id, t.not_yet, t.tried, t.closed_by, "
    "(SELECT max(n.noted_at) FROM episode_note n WHERE n.episode_id = t.id AND n.withdrawn_at IS NULL) "
    "AS last_noted_at, "
    "(SELECT d.decided_by FROM decision d WHERE d.course_id = t.course_id AND d.kind = 'closed' "
    " AND d.decided_at = t.closed_at LIMIT 1) AS closed_by_id"
)


def episodes_of(tx: Tx, scope: Scope, course_id: UUID) -> list[KeptEpisode]:
    """All episodes of a course, oldest first."""
    return tx.rows_as(as_kept, *episodes_query(scope, course_id))


def episodes_query(scope: Scope, course_id: UUID) -> Statement:
    """SQL and parameters of `episodes_of`; its rows are for `as_kept`."""
    return (
        (
            f"SELECT {COLUMNS} FROM episode t WHERE t.course_id = %(course)s AND {VISIBLE} "
            "ORDER BY t.opened_session, t.noticed_at, t.id"
        ),
        {"course": course_id, **clinical(scope)},
    )


def course_of_episode(tx: Tx, scope: Scope, episode_id: UUID) -> UUID | None:
    """The course an episode belongs to, so that it can be locked first; for the two it is between, and for leads."""
    found: UUID | None = tx.value(
        f"SELECT t.id FROM episode e JOIN course t ON t.id = e.course_id WHERE e.id = %(id)s AND {VISIBLE} "
        f"AND {BETWEEN_THE_TWO}",
        {"id": episode_id, **clinical(scope)},
    )
    return found


def lock_episode(tx: Tx, scope: Scope, episode_id: UUID) -> KeptEpisode | None:
    return tx.row_as(
        as_kept,
        f"SELECT {COLUMNS} FROM episode t WHERE t.id = %(id)s AND {VISIBLE} FOR UPDATE OF t",
        {"id": episode_id, **clinical(scope)},
    )


def add_episode(tx: Tx, episode: KeptEpisode) -> None:
    tx.execute(
        "INSERT INTO episode (id, version, told, course_id, client_id, practitioner_id, state, opened_session, "
        "opened_appointment, opened_at, opened_by, lead_in_session, m_pre, s_pre, lowest, verdict, checkins, late, "
        "noticed_at, closed_session, closed_at, close_reason, closed_by) "
        "VALUES (%(id)s, %(version)s, %(told)s, %(course_id)s, %(client_id)s, %(practitioner_id)s, %(state)s, "
        "%(opened_session)s, %(opened_appointment)s, %(opened_at)s, %(opened_by)s, %(lead_in_session)s, %(m_pre)s, "
        "%(s_pre)s, %(lowest)s, %(verdict)s, %(checkins)s, %(late)s, %(noticed_at)s, %(closed_session)s, "
        "%(closed_at)s, %(close_reason)s, %(closed_by)s)",
        asdict(episode) | {"opened_by": list(episode.opened_by)},
    )


def change_episode(tx: Tx, episode: KeptEpisode) -> None:
    """Keep how an episode reads now; what people noted about it stays."""
    tx.execute(
        "UPDATE episode SET version = %(version)s, told = %(told)s, state = %(state)s, "
        "opened_session = %(opened_session)s, opened_appointment = %(opened_appointment)s, opened_at = %(opened_at)s, "
        "opened_by = %(opened_by)s, lead_in_session = %(lead_in_session)s, m_pre = %(m_pre)s, s_pre = %(s_pre)s, "
        "lowest = %(lowest)s, verdict = %(verdict)s, checkins = %(checkins)s, late = %(late)s, "
        "closed_session = %(closed_session)s, closed_at = %(closed_at)s, close_reason = %(close_reason)s, "
        "closed_by = %(closed_by)s WHERE id = %(id)s",
        asdict(episode) | {"opened_by": list(episode.opened_by)},
    )


def list_episodes(
    tx: Tx,
    scope: Scope,
    *,
    is_open: bool | None,
    practitioner_id: UUID | None,
    after: tuple[str, ...] | None,
    limit: int,
) -> list[ListedEpisode]:
    """Episodes of one's own courses (for clinical leads of all), oldest first; `is_open` None: open and closed."""
    moment, last = after or (None, None)
    return tx.rows_as(
        _listed,
        f"SELECT {COLUMNS}, k.spoken_code FROM episode t LEFT JOIN client k ON k.client_id = t.client_id "
        f"WHERE {VISIBLE} AND (%(sees_all)s OR t.practitioner_id = ANY(%(sees_own)s::uuid[])) "
        "AND (%(open)s::bool IS NULL OR (t.closed_at IS NULL) = %(open)s) "
        "AND (%(practitioner_id)s::uuid IS NULL OR t.practitioner_id = %(practitioner_id)s) "
        "AND (%(moment)s::timestamptz IS NULL OR (t.opened_at, t.id) > (%(moment)s, %(last)s::uuid)) "
        "ORDER BY t.opened_at, t.id LIMIT %(limit)s",
        {
            "open": is_open,
            "practitioner_id": practitioner_id,
            "moment": moment,
            "last": last,
            "limit": limit,
            **clinical(scope),
        },
    )


def as_kept(*, opened_by: list[str], tried: list[str], **columns: Any) -> KeptEpisode:
    """An episode from the columns of COLUMNS."""
    return KeptEpisode(opened_by=tuple(opened_by), tried=tuple(tried), **columns)


def _listed(*, spoken_code: str | None, **columns: Any) -> ListedEpisode:
    return ListedEpisode(spoken_code or NO_CODE, as_kept(**columns))
