"""How others ask: intake's API under /v1. Parse, call, dump; who may is the table of roles at each route."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from flask import Blueprint

from services.intake.allocation import commands as care
from services.intake.client_file import codes
from services.intake.client_file import queries as files
from services.intake.client_file import schemas as answers
from services.intake.consents import commands as consents
from services.intake.consents.domain import CareIsOver
from services.intake.people import lists
from services.intake.people import queries as people
from services.intake.people.domain.clients import AlreadyAllocated, StepNotAllowed
from services.intake.people.domain.refusals import FieldsRefused
from services.intake.people.domain.unknown import ChangedMeanwhile, ClientUnknown, ReferralUnknown
from services.intake.referrals import commands as referrals
from services.intake.referrals import schemas as requests
from services.intake.referrals.domain import ReferralDecided
from shared.web.operation import Answer, Call, operation

v1 = Blueprint("v1", __name__, url_prefix="/v1")

STATUS: dict[type[Exception], int] = {
    ReferralUnknown: 404,
    ClientUnknown: 404,
    ChangedMeanwhile: 412,
    ReferralDecided: 409,
    StepNotAllowed: 409,
    AlreadyAllocated: 409,
    CareIsOver: 409,
    FieldsRefused: 422,
}

_DESK = ("front_desk", "manager", "clinical_lead")
_CLINICAL = ("therapist", "manager", "clinical_lead")
# A supervisor may ask; what is answered is what the store's scope opens, which for the role alone is nothing.
_STAFF = (*_DESK, "therapist", "supervisor")


@v1.post("/referrals")
@operation(
    "Receive a referral",
    permits=_DESK,
    takes=requests.NewReferralSchema,
    gives=answers.ReferralSchema,
    creates=True,
)
def post_referral(call: Call) -> Answer:
    """Registers the person it is about, too."""
    referral = referrals.receive_referral(call.tx, call.body, scope=call.scope, now=call.now)
    return call.created(referral, at=f"/v1/referrals/{referral.referral_id}", version=referral.version)


@v1.get("/referrals")
@operation(
    "List referrals",
    permits=_DESK,
    gives=answers.ReferralSchema,
    query=requests.ReferralsQuerySchema,
    sorts=("received_at",),
)
def get_referrals(call: Call) -> Answer:
    """Without the referrers' notes."""
    page = lists.list_referrals(
        call.tx,
        state=call.query["state"],
        descending=call.page.descending,
        after=_place(call.page.after),
        limit=call.page.limit,
        scope=call.scope,
        now=call.now,
    )
    return call.items(page.found, next_after=_cursor(page.end))


@v1.get("/referrals/<uuid:referral_id>")
@operation("Read a referral", permits=_DESK, gives=answers.ReferralWithNoteSchema)
def get_referral(call: Call, referral_id: UUID) -> Answer:
    """With what the referrer wrote."""
    referral = files.read_referral(call.tx, referral_id, scope=call.scope, now=call.now)
    if referral is None:
        raise ReferralUnknown("there is no such referral")
    return call.ok(referral, version=referral.version)


@v1.post("/referrals/<uuid:referral_id>/acceptance")
@operation(
    "Accept a referral",
    permits=_DESK,
    takes=requests.AcceptanceSchema,
    gives=answers.ReferralSchema,
    needs_version=True,
)
def post_acceptance(call: Call, referral_id: UUID) -> Answer:
    """Records the first consents; without a yes to keeping a record care cannot begin."""
    referral = referrals.accept_referral(
        call.tx,
        referral_id,
        call.body["consents"],
        expected_version=call.expected_version,
        scope=call.scope,
        now=call.now,
    )
    return call.ok(referral, version=referral.version)


@v1.post("/referrals/<uuid:referral_id>/decline")
@operation(
    "Decline a referral",
    permits=_DESK,
    takes=requests.ReasonSchema,
    gives=answers.ReferralSchema,
    needs_version=True,
)
def post_decline(call: Call, referral_id: UUID) -> Answer:
    """With one of the reasons that fit somebody who was never taken on."""
    referral = referrals.decline_referral(
        call.tx,
        referral_id,
        call.body["reason_code"],
        expected_version=call.expected_version,
        scope=call.scope,
        now=call.now,
    )
    return call.ok(referral, version=referral.version)


@v1.get("/clients")
@operation(
    "List clients",
    permits=_STAFF,
    gives=answers.ClientSchema,
    query=requests.ClientsQuerySchema,
    sorts=("since", "registered_at"),
)
def get_clients(call: Call) -> Answer:
    """Without names; a therapist sees the clients allocated to them now."""
    page = lists.list_clients(
        call.tx,
        state=call.query["state"],
        practitioner_id=call.query["practitioner_id"],
        sort=call.page.sort,
        descending=call.page.descending,
        after=_place(call.page.after),
        limit=call.page.limit,
        scope=call.scope,
        now=call.now,
    )
    return call.items(page.found, next_after=_cursor(page.end))


@v1.get("/clients/<uuid:client_id>")
@operation("Read a client's file", permits=_STAFF, gives=answers.ClientFileSchema)
def get_client(call: Call, client_id: UUID) -> Answer:
    """Identity, contact, the consents that hold, and with whom they are."""
    file = files.read_client(call.tx, client_id, scope=call.scope, now=call.now)
    if file is None:
        raise ClientUnknown("there is no such client")
    shown = asdict(file.client) | {
        "display_name": file.identity.display_name,
        "identity": file.identity,
        "consents": file.consents,
        "allocation": file.allocation,
        "ending": file.ending,
    }
    return call.ok(shown, version=file.client.version)


@v1.post("/clients/<uuid:client_id>/allocations")
@operation(
    "Allocate a client to a practitioner",
    permits=_DESK,
    takes=requests.NewAllocationSchema,
    gives=answers.AllocationSchema,
    creates=True,
)
def post_allocation(call: Call, client_id: UUID) -> Answer:
    """For a client who is with somebody already, this is a change of therapist."""
    allocation = care.allocate(call.tx, client_id, call.body["practitioner_id"], scope=call.scope, now=call.now)
    return call.created(allocation, at=f"/v1/clients/{client_id}")


@v1.post("/clients/<uuid:client_id>/consents")
@operation(
    "Record a consent, or its withdrawal",
    permits=(*_DESK, "therapist"),
    takes=requests.ConsentAnswerSchema,
    gives=answers.ConsentSchema,
    creates=True,
)
def post_consent(call: Call, client_id: UUID) -> Answer:
    """A withdrawal is taken at any time."""
    consent = consents.record_consent(call.tx, client_id, call.body, scope=call.scope, now=call.now)
    return call.created(consent, at=f"/v1/clients/{client_id}")


@v1.post("/clients/<uuid:client_id>/ending")
@operation(
    "End therapy, or the waiting for it",
    permits=_CLINICAL,
    takes=requests.ReasonSchema,
    gives=answers.ClientSchema,
    needs_version=True,
)
def post_ending(call: Call, client_id: UUID) -> Answer:
    """A therapist who ends it no longer sees the client afterwards."""
    client = care.end_care(
        call.tx,
        client_id,
        call.body["reason_code"],
        expected_version=call.expected_version,
        scope=call.scope,
        now=call.now,
    )
    return call.ok(client, version=client.version)


@v1.post("/people/look-up")
@operation(
    "Look up names by id",
    permits=_STAFF,
    takes=requests.LookUpSchema,
    gives=answers.NamedClientSchema,
    lists=True,
)
def post_look_up(call: Call) -> Answer:
    """Who is unknown, or not open to the asker, is left out."""
    return call.items(people.look_up_people(call.tx, call.body["ids"], scope=call.scope, now=call.now))


@v1.post("/people/search")
@operation(
    "Find people by name, code, phone or e-mail",
    permits=_STAFF,
    takes=requests.SearchSchema,
    gives=answers.NamedClientSchema,
    lists=True,
)
def post_search(call: Call) -> Answer:
    """Whole words of a name, accents folded; 50 people at most."""
    return call.items(people.search_people(call.tx, call.body["text"], scope=call.scope, now=call.now))


@v1.get("/code-sets")
@operation("Read the code lists", permits=_STAFF, gives=answers.CodeSetsSchema)
def get_code_sets(call: Call) -> Answer:
    """Sources of referral, reasons for ending, purposes of consent, with their words."""
    return call.ok(codes.code_sets())


def _place(after: Sequence[str] | None) -> lists.Place | None:
    return None if after is None else (datetime.fromisoformat(after[0]), UUID(after[1]))


def _cursor(end: lists.Place | None) -> tuple[str, ...] | None:
    return None if end is None else (end[0].isoformat(), str(end[1]))
