"""Notes about episodes; withdrawn ones stay in the file."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.feedback.alliance.domain.kept_episodes import EpisodeNote
from shared.database import Tx


@dataclass(frozen=True, slots=True)
class KeptNote:
    """A note that stands."""

    id: UUID
    note: EpisodeNote
    noted_by: UUID | None
    noted_at: datetime


def notes_of(tx: Tx, episode_id: UUID) -> list[KeptNote]:
    """The notes that stand, oldest first; of an episode that was locked with a scope."""
    return tx.rows_as(
        _note,
        "SELECT id, held_on, not_yet, tried, noted_by, noted_at FROM episode_note "
        "WHERE episode_id = %s AND withdrawn_at IS NULL ORDER BY noted_at, id",
        (episode_id,),
    )


def add_note(tx: Tx, note_id: UUID, episode_id: UUID, note: EpisodeNote, *, by: UUID | None, now: datetime) -> None:
    tx.execute(
        "INSERT INTO episode_note (id, episode_id, held_on, not_yet, tried, noted_by, noted_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (note_id, episode_id, note.held_on, note.not_yet, list(note.tried), by, now),
    )


def withdraw_note(tx: Tx, note_id: UUID, *, by: UUID | None, now: datetime) -> None:
    """It no longer counts."""
    tx.execute("UPDATE episode_note SET withdrawn_by = %s, withdrawn_at = %s WHERE id = %s", (by, now, note_id))


def keep_noted(tx: Tx, episode_id: UUID, standing: EpisodeNote, *, by: UUID | None) -> None:
    """Keep with the episode what its notes say together."""
    tx.execute(
        "UPDATE episode SET version = version + 1, conversation_held_on = %(held_on)s, not_yet = %(not_yet)s, "
        "tried = %(tried)s, conversation_noted_by = CASE WHEN %(held_on)s::date IS NOT NULL THEN %(by)s::uuid END "
        "WHERE id = %(id)s",
        {
            "held_on": standing.held_on,
            "not_yet": standing.not_yet,
            "tried": list(standing.tried),
            "by": by,
            "id": episode_id,
        },
    )


def keep_owner(tx: Tx, episode_id: UUID, owner_id: UUID | None) -> None:
    """Who follows it through; None: the practitioner of its course."""
    tx.execute("UPDATE episode SET version = version + 1, owner_id = %s WHERE id = %s", (owner_id, episode_id))


def _note(*, held_on: date | None, not_yet: str | None, tried: list[str], **columns: Any) -> KeptNote:
    return KeptNote(note=EpisodeNote(held_on, not_yet, tuple(tried)), **columns)
