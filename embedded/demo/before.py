"""Feedback's commands as the demo clinic uses them before a session: the plan, the forms, and reading what worries."""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from embedded.demo.symptoms import MEASURES, answers
from services.feedback.collection import queries
from services.feedback.collection.commands import forms
from services.feedback.collection.commands import plan as planning
from services.feedback.collection.domain.offers import OfferFilter
from services.feedback.collection.domain.plan import ClientPlan, PlanEntry
from services.feedback.collection.store import offers
from services.feedback.measures.domain import Rhythm
from services.feedback.risk import commands as risk
from services.feedback.risk import store as risk_store
from shared.database import Tx
from shared.scope import Scope, system_scope

_FORM = Scope(None, frozenset({"checkin"}), "check-in", "demo")
_READ_AFTER = timedelta(hours=3)


def plan_measures(tx: Tx, *, by: UUID, now: datetime) -> None:
    """The clinic asks how things are before every second session, beside how the session was after each."""
    manager = Scope(by, frozenset({"manager"}), "set-up", "demo")
    plan = queries.plan(tx, scope=manager)
    added = tuple(PlanEntry(measure, Rhythm.EVERY_N_SESSIONS, every=2) for measure in MEASURES)
    planning.set_plan(
        tx, replace(plan, entries=(*plan.entries, *added)), expected_version=plan.version, scope=manager, now=now
    )


def ask_every_session(tx: Tx, client_id: UUID, therapist: UUID, *, now: datetime) -> None:
    """One client's therapist wishes to know how things are before every session."""
    own = Scope(therapist, frozenset({"therapist"}), "care", "demo")
    mine = ClientPlan(added=tuple(PlanEntry(measure) for measure in MEASURES))
    planning.set_client_plan(tx, client_id, mine, expected_version=0, scope=own, now=now)


def answer_before(
    tx: Tx,
    client_id: UUID,
    appointment_id: UUID,
    therapist: UUID,
    felt: tuple[int, int, int],
    rng: random.Random,
    *,
    now: datetime,
) -> None:
    """
    The client fills in what their session begins with, one after the other by one link.

    Args:
        tx: Open transaction.
        client_id: Who.
        appointment_id: Before which session.
        therapist: Whose client.
        felt: Their place in the cast, and the n-th of so many sessions.
        rng: The dice.
        now: A few minutes before the session.
    """
    own = Scope(therapist, frozenset({"therapist"}), "care", "demo")
    wanted = OfferFilter(client_id=client_id, state="open", side="client")
    found = offers.list_offers(tx, system_scope("demo"), wanted, after=None, limit=20)
    open_forms = [offer for offer in found if offer.appointment_id == appointment_id and offer.measure_id in MEASURES]
    if not open_forms:
        return
    link = forms.make_link(tx, open_forms[0].id, scope=own, now=now)
    handle = forms.exchange(tx, link.token, scope=_FORM, now=now).handle
    client_no, n, of = felt
    for offer in open_forms:
        given = answers(client_no, offer.measure_id, n, of, rng)
        forms.fill_in(tx, handle, given, measure_id=offer.measure_id, submit=True, scope=_FORM, now=now)
    # What was answered last waits to be read; what came before has been.
    if n < of:
        _read_what_worries(tx, client_id, own, now=now + _READ_AFTER)


def _read_what_worries(tx: Tx, client_id: UUID, own: Scope, *, now: datetime) -> None:
    for one in risk_store.list_risk_answers(tx, own, client_id=client_id, state="open", after=None, limit=20):
        risk.acknowledge(tx, one.id, "spoken_with_client", expected_version=one.version, scope=own, now=now)
