"""Keeping one filled-in form: scored, shared as its writer decided, and the course read anew at once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.feedback import events
from services.feedback.commands.offering import lock_with_course
from services.feedback.commands.rereading import READER, reread
from services.feedback.domain.answers import Answer, take_answers
from services.feedback.domain.courses import Course
from services.feedback.domain.measures import Kind, Measure, Side
from services.feedback.domain.offers import Offer, OfferState, move
from services.feedback.domain.refusals import AlreadyReceived, NothingToRelease, NotYourImpression, OfferUnknown
from services.feedback.domain.scoring import score
from services.feedback.domain.sharing import Sharing, sharing_of, visible_from
from services.feedback.domain.wishes import wish_after
from services.feedback.store import checkins, definitions, hours, links, offers, wishes
from services.feedback.store.checkins import NewCheckin
from shared.database import Tx
from shared.ids import uuid7
from shared.outbox import publish
from shared.scope import Scope
from shared.security import audit

LINK, PORTAL, PAPER = "link", "portal", "paper"
BATCH = 200  # check-ins a job takes up in one transaction


@dataclass(frozen=True, slots=True)
class Received:
    """What is said about a form that was kept: that it was, and never what it says."""

    offer: Offer
    recorded_at: datetime
    blind: bool


def enter_answers(
    tx: Tx,
    offer_id: UUID,
    given: Mapping[str, object],
    *,
    opened_client_answers: bool = False,
    scope: Scope,
    now: datetime,
) -> Received:
    """
    Staff fill in a form: therapists their own impression, or what a client wrote on paper.

    The impression counts as blind only if its therapist has not looked at the course since
    the client's answers could be seen; the audit trail knows, whatever the caller says.

    Raises:
        OfferUnknown, AlreadyReceived, NotYourImpression, AnswersRefused.
    """
    course, offer = lock_with_course(tx, offer_id, scope)
    if not offers.treats(tx, scope, offer.client_id):
        raise OfferUnknown("There is no such offer.")
    if offer.side is Side.THERAPIST and not scope.is_system and scope.actor != offer.practitioner_id:
        raise NotYourImpression("Only the therapist of the session can give their impression of it.")
    blind = not opened_client_answers
    if blind and offer.side is Side.THERAPIST:
        blind = not checkins.answers_were_opened(tx, scope, offer.appointment_id, offer.client_id)
    if offer.side is Side.CLIENT:
        offer = replace(offer, wish_id=offers.bind_wish(tx, offer.id, course.id, offer.appointment_id))
    channel = PORTAL if offer.side is Side.THERAPIST else PAPER
    audit.record(tx, scope, "checkin.entered", about=[offer.client_id], fields=["answers"], now=now)
    return record(tx, course, offer, given, channel=channel, blind=blind, by=scope.actor, now=now)


def record(
    tx: Tx,
    course: Course,
    offer: Offer,
    given: Mapping[str, object],
    *,
    channel: str,
    blind: bool = True,
    by: UUID | None = None,
    now: datetime,
) -> Received:
    """
    Keep a form of a locked offer, tell that it came back, and read the course.

    Raises:
        AlreadyReceived, AnswersRefused, OfferMoveNotAllowed.
    """
    if offer.state is OfferState.RECEIVED:
        raise AlreadyReceived("This form was received before; what was sent stays as it is.")
    state = move(offer.state, OfferState.RECEIVED)
    measure = definitions.measure(offer.measure_id, offer.measure_version).asked(open_wish=offer.wish_id is not None)
    answers = take_answers(measure, given)
    new = _checkin(tx, offer, measure, answers, channel=channel, blind=blind, by=by, now=now)
    checkins.add_checkin(tx, new)
    _keep_wish(tx, course, offer, answers)
    offer = replace(offer, version=offer.version + 1, state=state, missing_reason=None, closed_at=now)
    offers.change_offer(tx, offer)
    if offer.side is Side.CLIENT:
        links.clear_drafts(tx, offer.id)
    publish(tx, events.checkin_recorded(offer, channel=channel, now=now))
    if new.shown and ("w1" in answers or "w2" in answers):
        _show(tx, course, offer.id, offer.wish_id, answers, now=now)
    reread(tx, course, now=now)
    return Received(offer, now, blind)


def show_what_may_be_seen(tx: Tx, *, scope: Scope, now: datetime) -> int:
    """Take up the check-ins whose time to be seen has come; returns how many there were."""
    waiting = checkins.waiting_to_be_shown(tx, scope, now=now, limit=BATCH)
    for row in sorted(waiting, key=lambda r: (r["course_id"], r["offer_id"])):
        course, offer = lock_with_course(tx, row["offer_id"], scope)
        kept = checkins.checkin_of(tx, scope, offer.id)
        if kept is None or kept["shown"]:
            continue
        checkins.mark_shown(tx, offer.id)
        _show(tx, course, offer.id, offer.wish_id, kept["answers"], now=now)
        reread(tx, course, now=now)
    return len(waiting)


def release(tx: Tx, offer_id: UUID, *, scope: Scope, now: datetime) -> Offer:
    """
    The client says that answers kept back may be seen after all.

    Raises:
        OfferUnknown, NothingToRelease.
    """
    course, offer = lock_with_course(tx, offer_id, scope)
    kept = checkins.checkin_of(tx, scope, offer_id)
    if kept is None:
        raise OfferUnknown("There is no such check-in.")
    if kept["shown"] or offer.side is not Side.CLIENT:
        raise NothingToRelease("Nothing is kept back here.")
    audit.record(tx, scope, "checkin.released", about=[offer.client_id], fields=["sharing"], now=now)
    checkins.keep_release(tx, offer_id, released_by=scope.actor, now=now)
    _show(tx, course, offer_id, offer.wish_id, kept["answers"], now=now)
    reread(tx, course, now=now)
    return offer


def _checkin(
    tx: Tx,
    offer: Offer,
    measure: Measure,
    answers: Mapping[str, Answer],
    *,
    channel: str,
    blind: bool,
    by: UUID | None,
    now: datetime,
) -> NewCheckin:
    from_client = offer.side is Side.CLIENT
    sharing = sharing_of(answers.get("s1")) if from_client else Sharing.NOW
    seen_from = visible_from(sharing, sent_at=now, session_ends_at=_ends_at(tx, offer, sharing, now))
    words = {item.id for item in measure.items if item.kind is Kind.TEXT}
    return NewCheckin(
        offer_id=offer.id,
        client_id=offer.client_id,
        side=offer.side,
        channel=channel,
        entered_by=by,
        answers={item: answer for item, answer in answers.items() if item not in words},
        score=score(measure, answers),
        said=_code(answers.get("r1" if from_client else "t_r1")),
        talked=_code(answers.get("r2" if from_client else "t_r2")),
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


def _show(
    tx: Tx, course: Course, offer_id: UUID, wish_id: UUID | None, answers: Mapping[str, Any], *, now: datetime
) -> None:
    """What a check-in says about wishes counts from when it may be seen: the old one first, then the new."""
    if wish_id is not None and answers.get("w2") is not None:
        wishes.answer_wish(tx, wish_id, wish_after(answers["w2"]), now=now)
    wishes.open_kept_back(tx, offer_id, course.id, now=now)


def _ends_at(tx: Tx, offer: Offer, sharing: Sharing, now: datetime) -> datetime:
    if sharing is not Sharing.AFTER:
        return now
    hour = hours.hour_of(tx, READER, offer.appointment_id)
    assert hour is not None  # an offer is always about an hour
    ends_at: datetime = hour["ends_at"]
    return ends_at


def _code(answer: Answer | None) -> str | None:
    return answer if isinstance(answer, str) else None
