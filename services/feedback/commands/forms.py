"""The client's form: a one-time link, its exchange for a handle, a draft, and one sending."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.feedback.commands.offering import lock_with_course
from services.feedback.commands.recording import LINK, record
from services.feedback.commands.rereading import READER
from services.feedback.domain.answers import take_answers
from services.feedback.domain.forms import FormState, form_state, hashed
from services.feedback.domain.measures import Side
from services.feedback.domain.offers import OfferMoveNotAllowed, OfferState
from services.feedback.domain.refusals import (
    AlreadyReceived,
    CrisisInformationMissing,
    FormOver,
    FormsClosed,
    FormUnknown,
    LinkUsed,
)
from services.feedback.store import crisis, definitions, links, offers
from shared.database import Tx
from shared.ids import uuid7
from shared.scope import Scope
from shared.security import audit

TOKEN_BYTES = 16  # 128 bits


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link on its way to the client; the token exists here and in their hands alone."""

    token: str
    expires_at: datetime

    @property
    def path(self) -> str:
        """Where it leads on the check-in app."""
        return f"/f/{self.token}"


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a token was good for: the handle that opens the form until it expires."""

    handle: str
    expires_at: datetime
    state: FormState = FormState.OPEN


def make_link(tx: Tx, offer_id: UUID, *, scope: Scope, now: datetime) -> NewLink:
    """
    Make a one-time link to an open form; earlier links of it end, what was filled in stays.

    Raises:
        OfferUnknown: also for the therapist's own form, which needs no link.
        OfferMoveNotAllowed: the form is no longer open.
        CrisisInformationMissing: nobody may be shown a form that cannot say whom to call.
    """
    _, offer = lock_with_course(tx, offer_id, scope)
    if offer.side is not Side.CLIENT:
        raise OfferMoveNotAllowed("The therapist's form is filled in by the therapist, without a link.")
    if offer.state is not OfferState.OPEN or offer.expires_at <= now:
        raise OfferMoveNotAllowed("This form is no longer open.")
    if crisis.current_crisis_information(tx, scope) is None:
        raise CrisisInformationMissing("Enter whom to turn to in a crisis first; until then no form opens.")
    audit.record(tx, scope, "link.made", about=[offer.client_id], now=now)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    links.add_link(tx, uuid7(), offer.id, hashed(token), now=now, expires_at=offer.expires_at)
    return NewLink(token, offer.expires_at)


def exchange(tx: Tx, token: str, *, scope: Scope, now: datetime) -> Exchange:
    """
    Exchange a token for the handle that opens its form; possible once.

    Raises:
        FormUnknown: no such token. LinkUsed: exchanged before, or replaced by a newer link.
        AlreadyReceived, FormOver. FormsClosed: nobody has entered whom to turn to in a crisis.
    """
    link = links.link_of_token(tx, scope, hashed(token))
    if link is None:
        raise FormUnknown("This link opens nothing.")
    course, offer = lock_with_course(tx, link["offer_id"], READER)
    state = form_state(offer.state, link["expires_at"], now)
    if state is FormState.SUBMITTED:
        raise AlreadyReceived("This form was received before; what was sent stays as it is.")
    if state is FormState.EXPIRED:
        raise FormOver("The time to fill in this form is over.")
    if crisis.current_crisis_information(tx, scope) is None:
        raise FormsClosed("Forms are closed for the moment.")
    handle = secrets.token_urlsafe(TOKEN_BYTES)
    if not links.keep_exchange(tx, link["id"], hashed(handle), now=now):
        raise LinkUsed("This link was opened before. The clinic can make a new one; what was filled in is kept.")
    audit.record(tx, scope, "form.opened", about=[offer.client_id], now=now)
    offers.bind_wish(tx, offer.id, course.id, offer.appointment_id)
    return Exchange(handle, link["expires_at"])


def fill_in(
    tx: Tx, handle: str, given: Mapping[str, object], *, submit: bool, scope: Scope, now: datetime
) -> FormState:
    """
    Keep a draft of a form, or send it; the first sending counts.

    Returns:
        How the form stands now: open, submitted or expired. What is given for a form
        that was sent or has run out is left aside.

    Raises:
        FormUnknown, AnswersRefused.
    """
    form = links.form_of_handle(tx, scope, hashed(handle))
    if form is None:
        raise FormUnknown("This form cannot be opened any more.")
    course, offer = lock_with_course(tx, form["id"], READER)
    state = form_state(offer.state, form["expires_at"], now)
    if state is not FormState.OPEN:
        return state
    audit.record(
        tx, scope, "checkin.sent" if submit else "form.filled_in", about=[offer.client_id], fields=["answers"], now=now
    )
    if submit:
        record(tx, course, offer, given, channel=LINK, now=now)
        return FormState.SUBMITTED
    measure = definitions.measure(offer.measure_id, offer.measure_version).asked(open_wish=offer.wish_id is not None)
    links.keep_draft(tx, offer.id, offer.client_id, take_answers(measure, given), now=now)
    return FormState.OPEN
