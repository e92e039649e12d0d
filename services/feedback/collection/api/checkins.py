"""Check-ins: entered without an offer, read with their history, put right, withdrawn where staff made a mistake."""

from uuid import UUID

from services.feedback.collection import queries
from services.feedback.collection.commands import corrections as correcting
from services.feedback.collection.commands import entries as entering
from services.feedback.collection.commands import withdrawn_entries as withdrawing
from services.feedback.collection.domain import corrections, entry, withdrawn_entries
from services.feedback.collection.domain.offers import Channel
from services.feedback.collection.schemas import checkins as entries
from services.feedback.collection.schemas.forms import ReceivedSchema
from services.feedback.routes import v1
from shared.contracts import access
from shared.fields import NothingSchema
from shared.web.operation import ApiResponse, Call, operation

ERRORS: dict[type[Exception], int] = {
    entry.SessionUnknown: 422,
    entry.ConsentMissing: 409,
    entry.VersionNotOffered: 409,
    corrections.AnswersNotShared: 409,
    corrections.NothingCorrected: 409,
    corrections.CheckinChanged: 412,
    withdrawn_entries.NotEnteredByStaff: 409,
    withdrawn_entries.EntryWithdrawn: 409,
    withdrawn_entries.NothingToBringBack: 409,
    withdrawn_entries.AnsweredSince: 409,
}


@v1.post("/clients/<uuid:client_id>/check-ins")
@operation(
    "Enter a form about a session",
    permits=access.CARE_WORK,
    takes=entries.EnteredForSessionSchema,
    gives=ReceivedSchema,
    creates=True,
)
def post_checkin(call: Call, client_id: UUID) -> ApiResponse:
    """What a client filled in on paper or said in the session, whether it was offered or not."""
    body = call.body
    received = entering.enter_for_session(
        call.tx,
        client_id,
        body["appointment_id"],
        body["measure_id"],
        body["measure_version"],
        body["entry"],
        channel=Channel(body["channel"]),
        **call.context,
    )
    return call.created(received, at=f"/v1/check-ins/{received.offer.id}")


@v1.get("/check-ins/<uuid:offer_id>")
@operation("Read a check-in", permits=access.COURSE, gives=entries.CheckinSchema)
def get_checkin(call: Call, offer_id: UUID) -> ApiResponse:
    """Item by item with every earlier version; nothing that the client keeps back."""
    return call.versioned(queries.checkin(call.tx, offer_id, **call.context))


@v1.post("/check-ins/<uuid:offer_id>/corrections")
@operation(
    "Correct a check-in",
    permits=access.CARE_WORK,
    takes=entries.CorrectionSchema,
    gives=entries.CorrectedSchema,
    creates=True,
    needs_version=True,
)
def post_correction(call: Call, offer_id: UUID) -> ApiResponse:
    """All marks and codes anew, with a reason; the old version stays readable, readings and episodes follow."""
    offer, version = correcting.correct(call.tx, offer_id, call.body["entry"], call.body["reason"], **call.edit)
    return call.created({"id": offer.id, "version": version}, at=f"/v1/check-ins/{offer_id}", version=version)


@v1.post("/check-ins/<uuid:offer_id>/withdrawals")
@operation(
    "Withdraw an entry made by mistake",
    permits=access.CARE_WORK,
    takes=entries.WithdrawalSchema,
    gives=entries.WithdrawnSchema,
    creates=True,
    needs_version=True,
)
def post_entry_withdrawal(call: Call, offer_id: UUID) -> ApiResponse:
    """Only what staff entered; it stays readable, readings and episodes follow, and it can be undone for a day."""
    assert call.expected_version is not None
    withdrawn = withdrawing.withdraw_entry(
        call.tx,
        offer_id,
        call.body["reason"],
        expected_version=call.expected_version,
        scope=call.scope,
        now=call.now,
    )
    return call.created(withdrawn, at=f"/v1/check-ins/{offer_id}", version=withdrawn.version)


@v1.post("/check-ins/<uuid:offer_id>/undo")
@operation(
    "Bring back an entry that was withdrawn",
    permits=access.CARE_WORK,
    takes=NothingSchema,
    gives=entries.CorrectedSchema,
    creates=True,
    needs_version=True,
)
def post_entry_undo(call: Call, offer_id: UUID) -> ApiResponse:
    """Within a day, while nothing else was answered in its place; If-Match names the version that was withdrawn."""
    assert call.expected_version is not None
    offer, version = withdrawing.bring_back(
        call.tx, offer_id, expected_version=call.expected_version, scope=call.scope, now=call.now
    )
    return call.created({"id": offer.id, "version": version}, at=f"/v1/check-ins/{offer_id}", version=version)
