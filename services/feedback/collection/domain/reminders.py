"""
Reminders: one, kind, and seldom. All limits are ours and validated by nobody.

A convention of other systems is one reminder on the second day (docs/sources.md); the rest is what we
would want for ourselves: not at night, not at the last moment, not again and again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

NOT_BEFORE = timedelta(hours=24)  # after it was offered
NOT_IN_THE_LAST = timedelta(hours=12)  # before it runs out
WINDOW = timedelta(days=14)
MOST_IN_WINDOW = 2  # reminders per client
FROM_HOUR, TO_HOUR = 9, 19  # the clinic's local time; at 19:00 it is too late


class NoReminderDue(Exception):
    """No reminder of this form is due: the client is reminded once, and not too often."""


def reminder_due(
    *, offered_at: datetime, expires_at: datetime, earlier: Sequence[datetime], zone: tzinfo, now: datetime
) -> bool:
    """
    Tell whether a client may be reminded of an open form now, who was not yet reminded of it.

    Args:
        offered_at: When it was offered.
        expires_at: When it runs out.
        earlier: When this client was reminded of anything.
        zone: The clinic's.
        now: The moment in question.
    """
    if not offered_at + NOT_BEFORE <= now < expires_at - NOT_IN_THE_LAST:
        return False
    if not FROM_HOUR <= now.astimezone(zone).hour < TO_HOUR:
        return False
    return sum(now - WINDOW < at for at in earlier) < MOST_IN_WINDOW
