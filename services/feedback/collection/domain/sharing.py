"""Who may see an answer and from when on; the client decides, check-in by check-in."""

from datetime import datetime, timedelta
from enum import StrEnum

AFTER_SENDING = timedelta(minutes=60)


class Sharing(StrEnum):
    """The client's answer to "When may your therapist see these answers?"."""

    NOW = "now"
    AFTER = "after"
    NOT = "not"


def sharing_of(answer: object) -> Sharing:
    """What was chosen; no answer counts as not shared."""
    return Sharing(answer) if isinstance(answer, str) else Sharing.NOT


def visible_from(sharing: Sharing, *, sent_at: datetime, session_ends_at: datetime) -> datetime | None:
    """
    The moment from which the therapist may see the answers; None: never, unless released.

    "After I have left" means once the appointment is over and 60 minutes after
    sending, whichever is later.
    """
    if sharing is Sharing.NOW:
        return sent_at
    if sharing is Sharing.AFTER:
        return max(session_ends_at, sent_at + AFTER_SENDING)
    return None


class NothingToRelease(Exception):
    """These answers are shared already, or are not the client's."""
