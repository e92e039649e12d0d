"""Courses: who needs a conversation first, and how it goes session by session."""

from uuid import UUID

from services.feedback.alliance.commands import caring
from services.feedback.alliance.queries import course
from services.feedback.domain import refusals
from services.feedback.routes import CLINICAL, v1
from services.feedback.schemas import asked, told
from services.feedback.worklists.queries import caseload
from shared.web.operation import Answer, Call, operation

ERRORS: dict[type[Exception], int] = {
    refusals.ClientUnknown: 404,
    refusals.EpisodeOpen: 409,
}


@v1.get("/caseload")
@operation("List a caseload", permits=CLINICAL, query=asked.CaseloadQuery, gives=told.CaseSchema, paged=True)
def get_caseload(call: Call) -> Answer:
    """Who needs a conversation comes first, and why; a therapist's own clients, for clinical leads everybody."""
    page = caseload.caseload(
        call.tx,
        call.query["practitioner_id"],
        after=call.page.after,
        limit=call.page.limit,
        scope=call.scope,
        now=call.now,
    )
    return call.items(page.cases, next_after=page.next_after)


@v1.get("/clients/<uuid:client_id>/course")
@operation("Read a course", permits=CLINICAL, query=asked.CourseQuery, gives=told.CourseSchema)
def get_course(call: Call, client_id: UUID) -> Answer:
    """
    Session by session, each against this client's own usual range; 404 for a colleague's client.

    With `rules` as that version would have read it.
    """
    return call.ok(course.course_of(call.tx, client_id, by=call.query["rules"], scope=call.scope, now=call.now))


@v1.post("/clients/<uuid:client_id>/restart")
@operation("Begin the usual range anew", permits=CLINICAL, takes=asked.RestartSchema, creates=True)
def post_restart(call: Call, client_id: UUID) -> Answer:
    """From the next session on; the history stays. Not while an episode is open."""
    caring.restart_usual_range(call.tx, client_id, call.body["reason"], scope=call.scope, now=call.now)
    return call.nothing()
