"""Reminding clients of open forms, within limits; whoever sends messages, or the desk, acts on what is due."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.feedback.care.store import clients as people
from services.feedback.collection import events
from services.feedback.collection.commands.offers import CLIENTS_AT_ONCE, lock_with_course
from services.feedback.collection.domain.offers import Offer, OfferState
from services.feedback.collection.domain.reminders import (
    MOST_IN_WINDOW,
    NOT_BEFORE,
    NOT_IN_THE_LAST,
    WINDOW,
    NoReminderDue,
    reminder_due,
)
from services.feedback.collection.store import offers, plans, reminders
from shared.database import Tx
from shared.outbox import publish
from shared.scope import Scope
from shared.security import audit


def remind_of_open_forms(tx: Tx, *, scope: Scope, now: datetime) -> int:
    """Mark the reminders that are due and tell of them; returns how many. None where the plan switches them off."""
    if not plans.current_plan(tx, scope).reminders:
        return 0
    due = 0
    found = reminders.clients_to_remind(
        tx,
        scope,
        offered_by=now - NOT_BEFORE,
        open_after=now + NOT_IN_THE_LAST,
        since=now - WINDOW,
        most=MOST_IN_WINDOW,
        limit=CLIENTS_AT_ONCE,
    )
    for client_id in found:
        if people.try_lock_client(tx, client_id):
            due += _remind(tx, client_id, scope=scope, now=now)
    return due


def say_reminded(tx: Tx, offer_id: UUID, *, scope: Scope, now: datetime) -> Offer:
    """
    Somebody has reminded the client of a form.

    Raises:
        OfferUnknown, NoReminderDue.
    """
    _, offer = lock_with_course(tx, offer_id, scope)
    if offer.state is not OfferState.OPEN or not reminders.mark_done(tx, offer_id, now=now):
        raise NoReminderDue("No reminder of this form is due.")
    audit.record(tx, scope, "offer.reminded", about=[offer.client_id], fields=["reminder"], now=now)
    return offer


def _remind(tx: Tx, client_id: UUID, *, scope: Scope, now: datetime) -> int:
    earlier = reminders.reminded_at(tx, scope, client_id, since=now - WINDOW)
    due = 0
    for form in reminders.first_of_packets(tx, scope, client_id):
        if not reminder_due(
            offered_at=form.offered_at, expires_at=form.expires_at, earlier=earlier, zone=tx.zone, now=now
        ):
            continue
        offer = offers.lock_offer(tx, scope, form.id)
        assert offer is not None  # read a moment ago, and the client is locked
        offer = replace(offer, version=offer.version + 1)
        offers.change_offer(tx, offer)
        reminders.mark_due(tx, offer.id, now=now)
        publish(tx, events.reminder_due(offer, now=now))
        earlier.append(now)
        due += 1
    return due
