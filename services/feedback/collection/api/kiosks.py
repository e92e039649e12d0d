"""Kiosks: tablets in the clinic, the codes for them, and what a code opens."""

from uuid import UUID

from services.feedback.collection import queries
from services.feedback.collection.commands import kiosks
from services.feedback.collection.commands.forms import Exchange
from services.feedback.collection.domain import kiosks as rules
from services.feedback.collection.schemas.forms import ExchangeSchema
from services.feedback.collection.schemas.kiosks import (
    CodeSchema,
    EnrolledKioskSchema,
    EnrolSchema,
    KioskExchangeSchema,
    KioskSchema,
)
from services.feedback.routes import v1
from shared.contracts import access
from shared.fields import NothingSchema
from shared.web.operation import ApiResponse, Call, operation

ERRORS: dict[type[Exception], int] = {
    rules.KioskUnknown: 404,
    rules.CodeWrong: 404,
    rules.KioskPaused: 429,
}


@v1.get("/kiosks")
@operation("List kiosks", permits=access.TABLETS, gives=KioskSchema, lists=True)
def get_kiosks(call: Call) -> ApiResponse:
    """The newest first, also those that have ended."""
    return call.items(queries.kiosks(call.tx, scope=call.scope))


@v1.post("/kiosks")
@operation("Enrol a kiosk", permits=access.TABLETS, takes=EnrolSchema, gives=EnrolledKioskSchema, creates=True)
def post_kiosk(call: Call) -> ApiResponse:
    """The token is shown this once; it goes onto the device."""
    kiosk = kiosks.enrol_kiosk(call.tx, call.body["label"], **call.context)
    return call.created(kiosk, at=f"/v1/kiosks/{kiosk.id}")


@v1.post("/kiosks/<uuid:kiosk_id>/ending")
@operation("End a kiosk", permits=access.TABLETS, takes=NothingSchema, gives=KioskSchema, creates=True)
def post_kiosk_ending(call: Call, kiosk_id: UUID) -> ApiResponse:
    """Lost or put away: from now on it opens nothing."""
    return call.ok(kiosks.end_kiosk(call.tx, kiosk_id, **call.context))


@v1.post("/offers/<uuid:offer_id>/code")
@operation("Make a one-time code", permits=access.FORMS, takes=NothingSchema, gives=CodeSchema, creates=True)
def post_code(call: Call, offer_id: UUID) -> ApiResponse:
    """For an enrolled kiosk, good for half an hour; it opens this form and those asked with it."""
    return call.created(kiosks.make_code(call.tx, offer_id, **call.context), at=f"/v1/offers/{offer_id}")


@v1.post("/forms/kiosk-exchange")
@operation(
    "Exchange a code for its forms", permits=access.FORM_OF_A_LINK, takes=KioskExchangeSchema, gives=ExchangeSchema
)
def post_kiosk_exchange(call: Call) -> ApiResponse:
    """Possible once, on an enrolled device; five wrong codes in a row and the device pauses for ten minutes."""
    done = kiosks.exchange_code(call.tx, call.body["kiosk"], call.body["code"], **call.context)
    return call.ok(done) if isinstance(done, Exchange) else call.refused(done)
