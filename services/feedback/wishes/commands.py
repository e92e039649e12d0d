"""The wishes of a course brought in line with the check-ins that stand, when one of them goes or comes back."""

from uuid import UUID

from services.feedback.wishes import store
from services.feedback.wishes.domain import wishes_after
from shared.database import Tx
from shared.scope import Scope


def review_wishes(tx: Tx, course_id: UUID, *, scope: Scope) -> None:
    """
    Keep what the check-ins of a locked course say of its wishes by now; one without its check-in is kept back.

    What a withdrawn entry had closed or replaced is open again, unless another check-in says the same.
    """
    store.keep_standings(tx, course_id, wishes_after(store.said_of_wishes(tx, scope, course_id)))
