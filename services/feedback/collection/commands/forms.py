"""The client's forms: a one-time link to a packet of them, its exchange, drafts, and one sending of each."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.feedback.care.store.visibility import THIS_SERVICE
from services.feedback.collection.commands.checkins import measure_asked, record
from services.feedback.collection.commands.offers import lock_with_course
from services.feedback.collection.domain.entry import Entry
from services.feedback.collection.domain.forms import (
    FormOver,
    FormsClosed,
    FormState,
    FormUnknown,
    LinkUsed,
    form_state,
    hashed,
)
from services.feedback.collection.domain.offers import AlreadyReceived, Channel, Offer, OfferMoveNotAllowed, OfferState
from services.feedback.collection.domain.plan import Way
from services.feedback.collection.store import links, offers
from services.feedback.measures.domain import Side
from services.feedback.measures.domain.answers import take_answers
from services.feedback.risk import store
from services.feedback.risk.domain.crisis import CrisisInformationMissing
from shared.database import Tx
from shared.ids import uuid7
from shared.scope import Scope
from shared.security import audit

TOKEN_BYTES = 16  # 128 bits


@dataclass(frozen=True, slots=True)
class OneTimeLink:
    """A link on its way to the client; the token exists here and in their hands alone."""

    token: str
    expires_at: datetime

    @property
    def path(self) -> str:
        """Where it leads on the check-in app."""
        return f"/f/{self.token}"


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a token was good for: the handle that opens the packet until it expires."""

    handle: str
    expires_at: datetime
    state: FormState = FormState.OPEN


def make_link(tx: Tx, offer_id: UUID, *, scope: Scope, now: datetime) -> OneTimeLink:
    """
    Make a one-time link to an open form and those asked with it; earlier links to them that nobody has opened end.

    Where the client has begun already they can still go on and send; nobody else is shown what they began.

    Raises:
        OfferUnknown, OfferMoveNotAllowed, CrisisInformationMissing: as `offer_to_hand_over`.
    """
    offer = offer_to_hand_over(tx, offer_id, scope=scope, now=now)
    audit.record(tx, scope, "link.made", about=[offer.client_id], now=now)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    links.add_link(tx, links.NewLink(uuid7(), offer.id, hashed(token), offer.expires_at, Channel.LINK), now=now)
    return OneTimeLink(token, offer.expires_at)


def offer_to_hand_over(tx: Tx, offer_id: UUID, *, scope: Scope, now: datetime) -> Offer:
    """
    An open form of a client, locked, that may be handed over to them.

    Raises:
        OfferUnknown.
        OfferMoveNotAllowed: the therapist's own form, one entered from paper, or one no longer open.
        CrisisInformationMissing: nobody may be shown a form that cannot say whom to call.
    """
    _, offer = lock_with_course(tx, offer_id, scope)
    if offer.side is not Side.CLIENT:
        raise OfferMoveNotAllowed("The therapist's form is filled in by the therapist, without a link.")
    if offer.way is Way.PAPER:
        raise OfferMoveNotAllowed("This measure is filled in on paper and entered by staff.")
    if offer.state is not OfferState.OPEN or offer.expires_at <= now:
        raise OfferMoveNotAllowed("This form is no longer open.")
    if store.current_crisis_information(tx, scope) is None:
        raise CrisisInformationMissing("Enter whom to turn to in a crisis first; until then no form opens.")
    return offer


def exchange(tx: Tx, token: str, *, held: str = "", scope: Scope, now: datetime) -> Exchange:
    """
    Exchange a token for the handle that opens its packet; possible once.

    `held`: the handle that this browser has, if any. By it a browser that has begun a form of the
    same client proves itself and goes on where it was; any other begins with nothing.

    Raises:
        FormUnknown: no such token. LinkUsed: exchanged before, or replaced by a newer link.
        AlreadyReceived, FormOver, FormsClosed: as `open_packet`.
    """
    link = links.link_of_token(tx, scope, hashed(token))
    if link is None:
        raise FormUnknown("This link opens nothing.")
    client_id, expires_at = open_packet(tx, link.offer_id, scope=scope, now=now)
    browser_id = links.browser_of_handle(tx, scope, hashed(held), client_id) or uuid7()
    handle = secrets.token_urlsafe(TOKEN_BYTES)
    if not links.keep_exchange(tx, link.id, hashed(handle), browser_id, now=now):
        raise LinkUsed("This link was opened before. The clinic can make a new one.")
    return Exchange(handle, expires_at)


def open_packet(tx: Tx, offer_id: UUID, *, scope: Scope, now: datetime) -> tuple[UUID, datetime]:
    """
    Open the packet that a form belongs to; returns whose it is, and until when its next form can be filled in.

    Raises:
        AlreadyReceived, FormOver. FormsClosed: nobody has entered whom to turn to in a crisis.
    """
    lock_with_course(tx, offer_id, THIS_SERVICE)
    packet = links.packet_of_offer(tx, scope, offer_id)
    if packet.state(now) is FormState.SUBMITTED:
        raise AlreadyReceived("This form was received before; what was sent stays as it is.")
    current = packet.current(now)
    if current is None:
        raise FormOver("The time to fill in this form is over.")
    if store.current_crisis_information(tx, scope) is None:
        raise FormsClosed("Forms are closed for the moment.")
    audit.record(tx, scope, "form.opened", about=[current.client_id], now=now)
    for form in packet.forms:
        # What is half filled in stays about the wish it was asked about.
        if form.state == OfferState.OPEN and not links.has_draft(tx, scope, form.offer_id):
            offers.bind_wish(tx, form.offer_id, form.course_id, form.appointment_id)
    return current.client_id, current.expires_at


def fill_in(
    tx: Tx,
    handle: str,
    given: Mapping[str, object],
    *,
    measure_id: str | None = None,
    submit: bool,
    merge: bool = False,
    scope: Scope,
    now: datetime,
) -> FormState:
    """
    Keep a draft of a form, or send it; the first sending counts.

    `measure_id` says which form of the packet; needed where it has several, since questions of
    two measures may share their ids, and a repeated request must not fill in the next one.
    `merge`: what this browser answered before stays, but for the questions in `given`.

    Returns:
        How that form stands now: open, submitted or expired. What is given for a form
        that was sent or has run out is left aside.

    Raises:
        FormUnknown, FormNotNamed, AnswersRefused.
    """
    packet = links.packet_of_handle(tx, scope, hashed(handle))
    if not packet.forms:
        raise FormUnknown("This form cannot be opened any more.")
    meant = packet.named(measure_id)
    course, offer = lock_with_course(tx, meant.offer_id, THIS_SERVICE)
    state = form_state(offer.state, offer.expires_at, now)
    if state is not FormState.OPEN:
        return state
    audit.record(
        tx, scope, "checkin.sent" if submit else "form.filled_in", about=[offer.client_id], fields=["answers"], now=now
    )
    began = links.draft_of(tx, scope, offer.id, meant.browser_id, offer.client_id)
    if merge:
        given = {**began, **given}
    if submit:
        channel = Channel(links.channel_of(tx, scope, hashed(handle)))
        record(tx, course, offer, Entry(answers=given), channel=channel, browser_id=meant.browser_id, now=now)
        return FormState.SUBMITTED
    answers = take_answers(measure_asked(offer), given)
    if answers != began:
        links.keep_draft(tx, offer.id, meant.browser_id, offer.client_id, answers, now=now)
    return FormState.OPEN
