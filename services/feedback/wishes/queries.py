"""Wishes that may be seen, with what the client says became of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.feedback.care.store.visibility import treats
from services.feedback.wishes import store as wishes
from services.feedback.wishes.domain import last_word
from shared.database import Tx
from shared.scope import Scope


@dataclass(frozen=True, slots=True)
class WishView:
    """
    A wish; `text` is None for whoever the client did not choose.

    `word` is the client's last word on it: none yet (open), not_yet, better, done, or
    replaced by a new wish. `asked_again` counts how often they were asked and answered.
    """

    id: UUID
    text: str | None
    state: str
    word: str
    from_session: int | None
    asked_again: int
    closed_at: datetime | None


def wishes_of(
    tx: Tx, course_id: UUID, practitioner_id: UUID, numbers: Mapping[UUID, int], *, scope: Scope
) -> list[WishView]:
    """
    The wishes of one course that the client let be seen, oldest first; those kept back are not among them.

    A course is one pair's: what a client wished for with another therapist is not here, and
    nothing they agreed to would pass it on (docs/adr/0012).
    """
    # The words are for the therapist; supervision comes with its own relationship, a role alone opens nothing.
    may_read = treats(scope, practitioner_id)
    return [
        WishView(
            id=wish.id,
            text=wishes.words_of(tx, wish) if may_read else None,
            state=wish.state,
            word=last_word(wish.state, wish.asked_again),
            from_session=numbers.get(wish.appointment_id),
            asked_again=wish.asked_again,
            closed_at=wish.closed_at,
        )
        for wish in wishes.shown_wishes(tx, scope, course_id)
    ]
