"""Who may see an answer and from when on; the client decides, check-in by check-in."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from services.feedback.alliance.domain.signals import Code

AFTER_SENDING = timedelta(minutes=60)

# Where the two views differ is first for the therapist alone: curiosity helps more than correction.
FOR_THE_THERAPIST = frozenset({Code.UNSEEN.value, Code.NOTED_ALONE.value})


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


def signals_for(signals: Iterable[Mapping[str, Any]], *, is_their_therapist: bool) -> list[Mapping[str, Any]]:
    """The signals that a reader of a course may see."""
    return [signal for signal in signals if is_their_therapist or signal["code"] not in FOR_THE_THERAPIST]
