"""Referrals over HTTP."""

from uuid import UUID

from services.intake.referrals import commands, queries, schemas
from services.intake.referrals.domain.referral import ReferralDecided, ReferralUnknown
from services.intake.routes import cursor_of, place_of, v1
from shared.contracts import access
from shared.web.operation import ApiResponse, Call, operation

ERRORS: dict[type[Exception], int] = {ReferralUnknown: 404, ReferralDecided: 409}


@v1.post("/referrals")
@operation(
    "Receive a referral",
    permits=access.REFERRALS,
    takes=schemas.NewReferralSchema,
    gives=schemas.ReferralSchema,
    creates=True,
)
def post_referral(call: Call) -> ApiResponse:
    """Registers the person it is about, too."""
    referral = commands.receive_referral(call.tx, call.body, **call.context)
    return call.created(referral, at=f"/v1/referrals/{referral.referral_id}", version=referral.version)


@v1.get("/referrals")
@operation(
    "List referrals",
    permits=access.REFERRALS,
    gives=schemas.ReferralSchema,
    query=schemas.ReferralsQuerySchema,
    sorts=("received_at",),
)
def get_referrals(call: Call) -> ApiResponse:
    """Without the referrers' notes."""
    page = queries.list_referrals(
        call.tx,
        **call.query,
        descending=call.page.descending,
        after=place_of(call.page.after),
        limit=call.page.limit,
        **call.context,
    )
    return call.items(page.found, next_after=cursor_of(page.end))


@v1.get("/referrals/<uuid:referral_id>")
@operation("Read a referral", permits=access.REFERRAL, gives=schemas.ReferralWithNoteSchema)
def get_referral(call: Call, referral_id: UUID) -> ApiResponse:
    """What the referrer wrote comes along for the client's therapist and the clinical lead."""
    referral = queries.read_referral(call.tx, referral_id, **call.context)
    if referral is None:
        raise ReferralUnknown("there is no such referral")
    return call.ok(referral, version=referral.version)


@v1.post("/referrals/<uuid:referral_id>/acceptance")
@operation(
    "Accept a referral",
    permits=access.REFERRALS,
    takes=schemas.AcceptanceSchema,
    gives=schemas.ReferralSchema,
    needs_version=True,
)
def post_acceptance(call: Call, referral_id: UUID) -> ApiResponse:
    """Records the first consents; without a yes to keeping a record care cannot begin."""
    return call.versioned(commands.accept_referral(call.tx, referral_id, call.body["consents"], **call.edit))


@v1.post("/referrals/<uuid:referral_id>/decline")
@operation(
    "Decline a referral",
    permits=access.REFERRALS,
    takes=schemas.ReasonSchema,
    gives=schemas.ReferralSchema,
    needs_version=True,
)
def post_decline(call: Call, referral_id: UUID) -> ApiResponse:
    """With one of the reasons that fit somebody who was never taken on."""
    return call.versioned(commands.decline_referral(call.tx, referral_id, call.body["reason_code"], **call.edit))
