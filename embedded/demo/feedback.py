"""Feedback's commands as the demo clinic's clients and therapists use them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from embedded.demo.plots import Felt
from services.feedback.alliance.commands import episodes as noting
from services.feedback.alliance.domain.kept_episodes import EpisodeNote
from services.feedback.alliance.queries.course import course_of
from services.feedback.collection.commands import entries as entering
from services.feedback.collection.commands import forms
from services.feedback.collection.domain.entry import Entry
from services.feedback.collection.domain.offers import OfferFilter
from services.feedback.collection.store import offers
from services.feedback.measures.store.definitions import CLIENT_FORM, THERAPIST_FORM
from services.feedback.risk import commands
from services.feedback.risk.domain.crisis import FICTIONAL
from services.feedback.supervision import commands as supervising
from shared.database import Tx
from shared.scope import Scope, system_scope

_SESSION_FORMS = (CLIENT_FORM, THERAPIST_FORM)
_SCALES = ("b1", "g1", "t1", "e1", "o1")
_FORM = Scope(None, frozenset({"checkin"}), "check-in", "demo")


def enter_fictional_crisis_information(tx: Tx, *, by: UUID, now: datetime) -> None:
    """Numbers that reach nobody: without any, no form opens."""
    manager = Scope(by, frozenset({"manager"}), "set-up", "demo")
    day = now.astimezone(tx.zone).date()
    # Checked on the day of the demo's making, so that it is not overdue on the first morning.
    commands.enter_crisis_information(
        tx, FICTIONAL, checked_on=day, review_on=day + timedelta(days=365), scope=manager, now=now
    )


def arrange_supervision(tx: Tx, therapists: Iterable[UUID], supervisor: UUID, *, by: UUID, now: datetime) -> None:
    """One colleague supervises the others."""
    manager = Scope(by, frozenset({"manager"}), "set-up", "demo")
    for therapist in therapists:
        supervising.set_supervisors(tx, therapist, [supervisor], scope=manager, now=now)


def answer(tx: Tx, client_id: UUID, appointment_id: UUID, felt: Felt, therapist: UUID, *, now: datetime) -> None:
    """Both sides fill in their forms about a session, as far as the plot has them do so."""
    own = Scope(therapist, frozenset({"therapist"}), "care", "demo")
    wanted = OfferFilter(client_id=client_id, state="open")
    found = offers.list_offers(tx, system_scope("demo"), wanted, after=None, limit=20)
    for offer in found:
        if offer.appointment_id != appointment_id or offer.measure_id not in _SESSION_FORMS:
            continue
        if offer.side == "therapist" and felt.therapist is not None:
            entering.enter_answers(tx, offer.id, Entry(answers=_therapist_answers(felt)), scope=own, now=now)
        elif offer.side == "client" and felt.client is not None:
            link = forms.make_link(tx, offer.id, scope=own, now=now)
            handle = forms.exchange(tx, link.token, scope=_FORM, now=now).handle
            asked = offer.wish_id is not None
            forms.fill_in(tx, handle, _client_answers(felt, asked=asked), submit=True, scope=_FORM, now=now)
    if felt.repair == "mentioned" and felt.strain == "a_little":
        _note_conversation(tx, client_id, therapist, now=now)


def _note_conversation(tx: Tx, client_id: UUID, therapist: UUID, *, now: datetime) -> None:
    """The two of them have talked about the open episode."""
    own = Scope(therapist, frozenset({"therapist"}), "care", "demo")
    for episode in course_of(tx, client_id, scope=own, now=now).episodes:
        if episode.closed_at is None:
            note = EpisodeNote(held_on=now.astimezone(tx.zone).date(), tried=("asked_openly", "slowed_down"))
            noting.note_episode(tx, episode.id, note, expected_version=episode.version, scope=own, now=now)


def _client_answers(felt: Felt, *, asked: bool) -> dict[str, Any]:
    answers: dict[str, Any] = dict(zip(_SCALES, felt.client or (), strict=True))
    answers["r1"] = felt.strain
    if felt.repair and felt.strain != "no":
        answers["r2"] = felt.repair
    if felt.wish:
        answers["w1"] = felt.wish
    if asked and felt.wish_is_now:
        answers["w2"] = felt.wish_is_now
    return answers | {"s1": felt.sharing}


def _therapist_answers(felt: Felt) -> dict[str, Any]:
    answers: dict[str, Any] = dict(zip((f"t_{item}" for item in _SCALES), felt.therapist or (), strict=True))
    answers["t_r1"] = felt.therapist_strain
    if felt.therapist_strain != "no":
        answers["t_r2"] = felt.repair or "not_mentioned"
    return answers
