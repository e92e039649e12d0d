"""Keeping one filled-in form: scored, shared as its writer decided, and the course read anew at once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.feedback.alliance.commands.readings import reread
from services.feedback.alliance.domain.courses import Course
from services.feedback.alliance.store import sessions
from services.feedback.care.store.visibility import THIS_SERVICE
from services.feedback.collection import events
from services.feedback.collection.domain.entry import Entry, sharing_in, take
from services.feedback.collection.domain.offers import AlreadyReceived, Channel, Offer, OfferState, move
from services.feedback.collection.domain.sharing import Sharing, visible_from
from services.feedback.collection.store import checkins, links, offers, plans
from services.feedback.collection.store.checkins import NewCheckin
from services.feedback.measures.domain import Kind, Measure, Side
from services.feedback.measures.domain.answers import Answer
from services.feedback.measures.domain.scoring import Score
from services.feedback.measures.store import definitions
from services.feedback.risk.commands import note_risk
from services.feedback.wishes import store as wishes
from services.feedback.wishes.domain import wish_after
from shared.database import Tx
from shared.ids import uuid7
from shared.outbox import publish


@dataclass(frozen=True, slots=True)
class Received:
    """What is said about a form that was kept: that it was, and never what it says, but for a call for help."""

    offer: Offer
    recorded_at: datetime
    blind: bool
    risk_answered: bool


def record(
    tx: Tx,
    course: Course,
    offer: Offer,
    entry: Entry,
    *,
    channel: Channel,
    blind: bool = True,
    by: UUID | None = None,
    browser_id: UUID | None = None,
    now: datetime,
) -> Received:
    """
    Keep a form of a locked offer, tell that it came back, raise what it says about risk, and read the course.

    `by`: the member of staff who entered it. `browser_id`: the client's browser that sent it.

    Raises:
        AlreadyReceived, AnswersRefused, TotalsRefused, OfferMoveNotAllowed.
    """
    if offer.state is OfferState.RECEIVED:
        raise AlreadyReceived("This form was received before; what was sent stays as it is.")
    state = move(offer.state, OfferState.RECEIVED)
    measure = measure_asked(offer)
    answers, score = take(measure, entry)
    new = _checkin(tx, offer, measure, entry, answers, score, channel=channel, blind=blind, by=by, now=now)
    checkins.add_checkin(tx, new, browser_id)
    _keep_wish(tx, course, offer, answers)
    offer = replace(offer, version=offer.version + 1, state=state, missing_reason=None, closed_at=now)
    offers.change_offer(tx, offer)
    if offer.side is Side.CLIENT:
        links.clear_drafts(tx, offer.id)
    publish(tx, events.checkin_recorded(offer, channel=channel, now=now))
    risk_answered = raise_risk(tx, offer, answers, score, stood=None, now=now)
    if new.shown and ("w1" in answers or "w2" in answers):
        show_wishes(tx, course, offer.id, offer.wish_id, answers, now=now)
    reread(tx, course, now=now)
    return Received(offer, now, blind, risk_answered)


def raise_risk(
    tx: Tx,
    offer: Offer,
    answers: Mapping[str, Answer],
    score: Score,
    *,
    stood: Mapping[str, Answer] | None,
    now: datetime,
) -> bool:
    """Raise what a form says about risk, to be read by when the clinic's plan says; tells whether anything was."""
    if not score.raised and not score.missing_risk:
        return False
    within = plans.current_plan(tx, THIS_SERVICE).risk_due_hours
    return note_risk(tx, offer, answers, score, stood=stood, due_within_hours=within, now=now)


def measure_asked(offer: Offer) -> Measure:
    """The measure as this offer asks it, in the version that was offered."""
    measure = definitions.measure(offer.measure_id, offer.measure_version)
    return measure.asked(open_wish=offer.wish_id is not None)


def show_wishes(
    tx: Tx, course: Course, offer_id: UUID, wish_id: UUID | None, answers: Mapping[str, Any], *, now: datetime
) -> None:
    """What a check-in says about wishes counts from when it may be seen: the old one first, then the new."""
    if wish_id is not None and answers.get("w2") is not None:
        wishes.answer_wish(tx, wish_id, wish_after(answers["w2"]), now=now)
    wishes.open_kept_back(tx, offer_id, course.id, now=now)


def what_was_said(side: Side, answers: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The answers on strain and on talking about it, as codes; None where they were left open or not asked."""
    prefix = "" if side is Side.CLIENT else "t_"
    return _code(answers.get(f"{prefix}r1")), _code(answers.get(f"{prefix}r2"))


def without_words(measure: Measure, answers: Mapping[str, Answer]) -> dict[str, Answer]:
    """Answers but for free text, which is sealed in a place of its own."""
    words = {item.id for item in measure.items if item.kind is Kind.TEXT}
    return {item: answer for item, answer in answers.items() if item not in words}


def _checkin(
    tx: Tx,
    offer: Offer,
    measure: Measure,
    entry: Entry,
    answers: Mapping[str, Answer],
    score: Score,
    *,
    channel: Channel,
    blind: bool,
    by: UUID | None,
    now: datetime,
) -> NewCheckin:
    sharing = sharing_in(measure, entry, answers) if offer.side is Side.CLIENT else Sharing.NOW
    seen_from = visible_from(sharing, sent_at=now, session_ends_at=_ends_at(tx, offer, sharing, now))
    said, talked = what_was_said(offer.side, answers)
    return NewCheckin(
        offer_id=offer.id,
        client_id=offer.client_id,
        side=offer.side,
        channel=channel,
        entered_by=by,
        answers=without_words(measure, answers),
        score=score,
        said=said,
        talked=talked,
        sharing=sharing,
        visible_from=seen_from,
        shown=seen_from is not None and seen_from <= now,
        blind=blind,
        recorded_at=now,
    )


def _keep_wish(tx: Tx, course: Course, offer: Offer, answers: Mapping[str, Answer]) -> None:
    words = answers.get("w1")
    if isinstance(words, str):
        readers = str(answers.get("w1_readers", "therapist"))
        wishes.add_wish(tx, uuid7(), offer.client_id, course.id, offer.id, words, readers)


def _ends_at(tx: Tx, offer: Offer, sharing: Sharing, now: datetime) -> datetime:
    if sharing is not Sharing.AFTER:
        return now
    hour = sessions.appointment_of(tx, THIS_SERVICE, offer.appointment_id)
    assert hour is not None  # an offer is always about an hour
    return hour.ends_at


def _code(answer: Any) -> str | None:
    return answer if isinstance(answer, str) else None
