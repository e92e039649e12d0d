"""What happens because time passes."""

from datetime import datetime, timedelta

from services.feedback.alliance.commands.rules import read_by_rules_in_force
from services.feedback.collection.commands.offers import offer_before_coming_sessions
from services.feedback.collection.commands.reminders import remind_of_open_forms
from services.feedback.collection.commands.sharing import show_what_may_be_seen
from services.feedback.collection.commands.withdrawals import expire_offers
from services.feedback.outcome.commands import count_finished_cases
from services.feedback.risk.commands import pass_on_overdue
from shared.database import Tx
from shared.scope import system_scope
from shared.security.audit.unusual import note_unusual
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


def offer_before_sessions(tx: Tx, now: datetime) -> None:
    """What a session begins with is asked from a day before it on."""
    offer_before_coming_sessions(tx, scope=system_scope("offer before sessions"), now=now)


def remind_clients(tx: Tx, now: datetime) -> None:
    """Reminders that are due are told, within the limits of domain/reminders.py."""
    remind_of_open_forms(tx, scope=system_scope("remind clients"), now=now)


def pass_on_risk_answers(tx: Tx, now: datetime) -> None:
    """Risk answers that nobody has read in time go to the clinical lead."""
    pass_on_overdue(tx, scope=system_scope("pass on risk answers"), now=now)


def count_cases(tx: Tx, now: datetime) -> None:
    """Curves compare with finished cases as they were counted last."""
    count_finished_cases(tx, scope=system_scope("count finished cases"), now=now)


# Each run takes up a few clients; the short intervals are what keeps up with a full clinic.
JOBS = (
    Job("feedback.offer_before_sessions", timedelta(seconds=20), offer_before_sessions),
    Job("feedback.end_overdue_offers", timedelta(seconds=20), end_overdue_offers),
    Job("feedback.show_shared_answers", timedelta(seconds=20), show_shared_answers),
    Job("feedback.follow_the_rules", timedelta(seconds=10), follow_the_rules),
    Job("feedback.remind_clients", timedelta(minutes=5), remind_clients),
    Job("feedback.pass_on_risk_answers", timedelta(minutes=1), pass_on_risk_answers),
    Job("feedback.count_cases", timedelta(days=1), count_cases),
    Job("feedback.note_unusual_access", timedelta(seconds=30), note_unusual),
)
