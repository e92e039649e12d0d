"""Offers: which forms are out, handing them over, entering what came back by other ways."""

from uuid import UUID

from services.feedback.collection import queries as form_queries
from services.feedback.collection.commands import entries as entering
from services.feedback.collection.commands import forms
from services.feedback.collection.commands import reminders as reminding
from services.feedback.collection.commands import sharing as showing
from services.feedback.collection.commands import withdrawals as withdrawing
from services.feedback.collection.domain import offers, reminders
from services.feedback.collection.domain.offers import (
    AlreadyReceived,
    Channel,
    NotYourImpression,
    OfferFilter,
    OfferUnknown,
)
from services.feedback.collection.domain.sharing import NothingToRelease
from services.feedback.collection.schemas import checkins as entries
from services.feedback.collection.schemas.forms import LinkSchema, ReceivedSchema
from services.feedback.collection.schemas.offers import MissingReasonSchema, OfferSchema, OffersQuery, OfferStateSchema
from services.feedback.measures.domain import answers, scoring
from services.feedback.routes import v1
from shared.contracts import access
from shared.fields import NothingSchema
from shared.web.operation import ApiResponse, Call, operation

ERRORS: dict[type[Exception], int] = {
    OfferUnknown: 404,
    NotYourImpression: 403,
    AlreadyReceived: 409,
    NothingToRelease: 409,
    offers.OfferMoveNotAllowed: 409,
    reminders.NoReminderDue: 409,
    answers.AnswersRefused: 422,
    scoring.TotalsRefused: 422,
}


@v1.get("/offers")
@operation("List offers", permits=access.FORMS, query=OffersQuery, gives=OfferSchema, paged=True)
def get_offers(call: Call) -> ApiResponse:
    """That a form is out, for whom and until when, oldest first; never what was answered."""
    wanted, page = OfferFilter(**call.query), call.page
    found = form_queries.list_offers(call.tx, wanted, after=page.after, limit=page.one_more, **call.context)
    return call.page_of(found, lambda offer: (offer.offered_at.isoformat(), str(offer.id)))


@v1.post("/offers/<uuid:offer_id>/link")
@operation("Make a one-time link", permits=access.FORMS, takes=NothingSchema, gives=LinkSchema, creates=True)
def post_link(call: Call, offer_id: UUID) -> ApiResponse:
    """For the client's form; earlier links of this offer end, what was filled in stays."""
    link = forms.make_link(call.tx, offer_id, **call.context)
    return call.created(link, at=f"/v1/offers/{offer_id}")


@v1.post("/offers/<uuid:offer_id>/answers")
@operation(
    "Fill in a form as staff", permits=access.CARE_WORK, takes=entries.EnteredSchema, gives=ReceivedSchema, creates=True
)
def post_answers(call: Call, offer_id: UUID) -> ApiResponse:
    """The therapist's own impression, or what a client said or wrote, item by item or as a total from paper."""
    received = entering.enter_answers(
        call.tx,
        offer_id,
        call.body["entry"],
        channel=Channel(call.body["channel"]) if call.body["channel"] else None,
        measure_version=call.body["measure_version"],
        opened_client_answers=call.body["opened_client_answers"],
        **call.context,
    )
    return call.created(received, at=f"/v1/offers/{offer_id}")


@v1.post("/offers/<uuid:offer_id>/missing")
@operation(
    "Say why no answer will come", permits=access.FORMS, takes=MissingReasonSchema, gives=OfferStateSchema, creates=True
)
def post_missing(call: Call, offer_id: UUID) -> ApiResponse:
    """Declined, technical, unable: nothing is filled in for it."""
    reason = call.body["reason"]
    offer = withdrawing.say_why_missing(call.tx, offer_id, reason, **call.context)
    return call.created(offer, at=f"/v1/offers/{offer_id}")


@v1.post("/offers/<uuid:offer_id>/release")
@operation(
    "Release answers that were kept back",
    permits=access.CARE_WORK,
    takes=NothingSchema,
    gives=OfferStateSchema,
    creates=True,
)
def post_release(call: Call, offer_id: UUID) -> ApiResponse:
    """The client said that they may be seen after all."""
    offer = showing.release(call.tx, offer_id, **call.context)
    return call.created(offer, at=f"/v1/offers/{offer_id}")


@v1.post("/offers/<uuid:offer_id>/reminder")
@operation(
    "Say that the client was reminded", permits=access.FORMS, takes=NothingSchema, gives=OfferStateSchema, creates=True
)
def post_reminder(call: Call, offer_id: UUID) -> ApiResponse:
    """Of a form whose reminder is due (`GET /v1/offers?reminder=due`)."""
    offer = reminding.say_reminded(call.tx, offer_id, **call.context)
    return call.created(offer, at=f"/v1/offers/{offer_id}")
