"""What happens because time passes."""

from datetime import datetime, timedelta

from services.feedback.commands.offering import expire_offers
from services.feedback.commands.recording import show_what_may_be_seen
from services.feedback.commands.ruling import read_by_rules_in_force
from shared.database import Tx
from shared.scope import system_scope
from shared.service import Job


def end_overdue_offers(tx: Tx, now: datetime) -> None:
    """Forms nobody answered in time are no longer open; the course knows why there is no answer."""
    expire_offers(tx, scope=system_scope("end overdue offers"), now=now)


def show_shared_answers(tx: Tx, now: datetime) -> None:
    """Answers meant for "after I have left" are seen from their hour on."""
    show_what_may_be_seen(tx, scope=system_scope("show shared answers"), now=now)


def follow_the_rules(tx: Tx, now: datetime) -> None:
    """After a change of rules the courses are read anew, batch by batch."""
    read_by_rules_in_force(tx, now=now)


JOBS = (
    Job("feedback.end_overdue_offers", timedelta(minutes=1), end_overdue_offers),
    Job("feedback.show_shared_answers", timedelta(seconds=20), show_shared_answers),
    Job("feedback.follow_the_rules", timedelta(seconds=10), follow_the_rules),
)
