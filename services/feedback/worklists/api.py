"""The reach-out list: who might be glad of a few warm words, and that somebody wrote them."""

from uuid import UUID

from services.feedback.domain import refusals
from services.feedback.routes import CLINICAL, v1
from services.feedback.schemas import asked, told
from services.feedback.worklists import commands as reaching
from services.feedback.worklists.queries import reach_out as reaching_queries
from shared.web.operation import Answer, Call, operation

ERRORS: dict[type[Exception], int] = {
    refusals.ReachNoteUnknown: 404,
    refusals.ReachNoteRefused: 422,
}


@v1.get("/reach-out")
@operation("List whom to reach out to", permits=CLINICAL, query=asked.CaseloadQuery, gives=told.ReachSchema, lists=True)
def get_reach_out(call: Call) -> Answer:
    """Five points or more, with all parts: ours, unvalidated and no probability. Own clients; for leads all."""
    found = reaching_queries.reach_out_list(call.tx, call.query["practitioner_id"], scope=call.scope, now=call.now)
    return call.items(found)


@v1.post("/clients/<uuid:client_id>/reach-out")
@operation(
    "Note that somebody reached out",
    permits=CLINICAL,
    takes=asked.ReachOutSchema,
    gives=told.ReachNoteSchema,
    creates=True,
)
def post_reach_out(call: Call, client_id: UUID) -> Answer:
    """Or why not for now: either way the client rests from the list for two weeks, unless something new comes up."""
    asked_kind, on, reason = call.body["kind"], call.body["on"], call.body["reason"]
    if (asked_kind == "reached_out") != (on is not None):
        raise refusals.ReachNoteRefused("A day goes with reached_out, a reason with not_now.")
    worse_at = reaching_queries.worse_at(call.tx, client_id, scope=call.scope, now=call.now)
    note = reaching.note_reach_out(
        call.tx, client_id, reached_on=on, reason=reason, worse_at=worse_at, scope=call.scope, now=call.now
    )
    return call.created(note, at="/v1/reach-out")


@v1.post("/clients/<uuid:client_id>/reach-out/<uuid:note_id>/withdrawal")
@operation("Take such a note back", permits=CLINICAL, takes=asked.NothingSchema, creates=True)
def post_reach_out_withdrawal(call: Call, client_id: UUID, note_id: UUID) -> Answer:
    """The client stands on the list again, if the parts still add up."""
    reaching.withdraw_reach_out(call.tx, client_id, note_id, scope=call.scope, now=call.now)
    return call.nothing()
