"""Looking ahead to the next session, back before an ending, and at the courses before this one."""

from uuid import UUID

from services.feedback.alliance.queries.earlier_courses import history_of
from services.feedback.routes import CLINICAL, v1
from services.feedback.worklists import schemas as preparing
from services.feedback.worklists.queries.ending import ending_review
from services.feedback.worklists.queries.preparation import preparation_of
from shared.web.operation import Answer, Call, operation

ERRORS: dict[type[Exception], int] = {}  # a client who is not there is refused as everywhere


@v1.get("/clients/<uuid:client_id>/preparation")
@operation("Prepare the next session", permits=CLINICAL, gives=preparing.PreparationSchema)
def get_preparation(call: Call, client_id: UUID) -> Answer:
    """The open wish first, then how things stand, in their words too; what two views differ in for the therapist."""
    return call.ok(preparation_of(call.tx, client_id, scope=call.scope, now=call.now))


@v1.get("/clients/<uuid:client_id>/ending-review")
@operation("Look back before an ending", permits=CLINICAL, gives=preparing.EndingReviewSchema)
def get_ending_review(call: Call, client_id: UUID) -> Answer:
    """At any time; once therapy has ended, for clinical leads."""
    return call.ok(ending_review(call.tx, client_id, scope=call.scope, now=call.now))


@v1.get("/clients/<uuid:client_id>/history")
@operation("List a client's earlier courses", permits=CLINICAL, gives=preparing.EarlierCourseSchema, lists=True)
def get_history(call: Call, client_id: UUID) -> Answer:
    """With other therapists, oldest first: totals, states and what became of episodes; no words and no impressions."""
    return call.items(history_of(call.tx, client_id, scope=call.scope, now=call.now))
