"""The reach-out list: who might be glad of a few warm words, and that somebody wrote them."""

from uuid import UUID

from services.feedback.alliance.queries.earlier_courses import history_of
from services.feedback.routes import v1
from services.feedback.worklists import commands as reaching
from services.feedback.worklists import schemas as preparing
from services.feedback.worklists.domain.reach_out import ReachNoteRefused, ReachNoteUnknown
from services.feedback.worklists.queries import caseload
from services.feedback.worklists.queries import reach_out as reaching_queries
from services.feedback.worklists.queries.ending import ending_review
from services.feedback.worklists.queries.preparation import preparation_of
from services.feedback.worklists.schemas import CaseloadQuery, CaseSchema, ReachNoteSchema, ReachOutSchema, ReachSchema
from shared.contracts import access
from shared.fields import NothingSchema
from shared.web.operation import ApiResponse, Call, operation

ERRORS: dict[type[Exception], int] = {
    ReachNoteUnknown: 404,
    ReachNoteRefused: 422,
}


@v1.get("/reach-out")
@operation("List whom to reach out to", permits=access.CASELOAD, query=CaseloadQuery, gives=ReachSchema, lists=True)
def get_reach_out(call: Call) -> ApiResponse:
    """Five points or more, with all parts: ours, unvalidated and no probability. Own clients; for leads all."""
    return call.items(reaching_queries.reach_out_list(call.tx, call.query["practitioner_id"], **call.context))


@v1.post("/clients/<uuid:client_id>/reach-out")
@operation(
    "Note that somebody reached out",
    permits=access.CARE_WORK,
    takes=ReachOutSchema,
    gives=ReachNoteSchema,
    creates=True,
)
def post_reach_out(call: Call, client_id: UUID) -> ApiResponse:
    """Or why not for now: either way the client rests from the list for two weeks, unless something new comes up."""
    kind, on, reason = call.body["kind"], call.body["on"], call.body["reason"]
    if (kind == "reached_out") != (on is not None):
        raise ReachNoteRefused("A day goes with reached_out, a reason with not_now.")
    worse_at = reaching_queries.worse_at(call.tx, client_id, **call.context)
    note = reaching.note_reach_out(call.tx, client_id, reached_on=on, reason=reason, worse_at=worse_at, **call.context)
    return call.created(note, at="/v1/reach-out")


@v1.post("/clients/<uuid:client_id>/reach-out/<uuid:note_id>/withdrawal")
@operation("Take such a note back", permits=access.CARE_WORK, takes=NothingSchema, creates=True)
def post_reach_out_withdrawal(call: Call, client_id: UUID, note_id: UUID) -> ApiResponse:
    """The client stands on the list again, if the parts still add up."""
    reaching.withdraw_reach_out(call.tx, client_id, note_id, **call.context)
    return call.nothing()


@v1.get("/caseload")
@operation("List a caseload", permits=access.CASELOAD, query=CaseloadQuery, gives=CaseSchema, paged=True)
def get_caseload(call: Call) -> ApiResponse:
    """Who needs a conversation comes first, and why; a therapist's own clients, for clinical leads everybody."""
    page = caseload.caseload(
        call.tx, call.query["practitioner_id"], after=call.page.after, limit=call.page.limit, **call.context
    )
    return call.items(page.cases, next_after=page.next_after)


@v1.get("/clients/<uuid:client_id>/preparation")
@operation("Prepare the next session", permits=access.COURSE, gives=preparing.PreparationSchema)
def get_preparation(call: Call, client_id: UUID) -> ApiResponse:
    """The open wish first, then how things stand, in their words too; what two views differ in for the therapist."""
    return call.ok(preparation_of(call.tx, client_id, **call.context))


@v1.get("/clients/<uuid:client_id>/ending-review")
@operation("Look back before an ending", permits=access.COURSE, gives=preparing.EndingReviewSchema)
def get_ending_review(call: Call, client_id: UUID) -> ApiResponse:
    """At any time; once therapy has ended, for clinical leads."""
    return call.ok(ending_review(call.tx, client_id, **call.context))


@v1.get("/clients/<uuid:client_id>/history")
@operation("List a client's earlier courses", permits=access.COURSE, gives=preparing.EarlierCourseSchema, lists=True)
def get_history(call: Call, client_id: UUID) -> ApiResponse:
    """With other therapists, oldest first: totals, states and what became of episodes; no words and no impressions."""
    return call.items(history_of(call.tx, client_id, **call.context))
