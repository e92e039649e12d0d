"""Courses: who needs a conversation first, and how it goes session by session."""

from uuid import UUID

from services.feedback.alliance.commands import episodes
from services.feedback.alliance.domain.kept_episodes import EpisodeOpen
from services.feedback.alliance.queries import course
from services.feedback.alliance.schemas.courses import CourseQuery, CourseSchema, RestartSchema
from services.feedback.care.domain.clients import ClientUnknown
from services.feedback.routes import v1
from shared.contracts import access
from shared.web.operation import ApiResponse, Call, operation

ERRORS: dict[type[Exception], int] = {
    ClientUnknown: 404,
    EpisodeOpen: 409,
}


@v1.get("/clients/<uuid:client_id>/course")
@operation("Read a course", permits=access.COURSE, query=CourseQuery, gives=CourseSchema)
def get_course(call: Call, client_id: UUID) -> ApiResponse:
    """
    Session by session, each against this client's own usual range; 404 for a colleague's client.

    With `rules` as that version would have read it.
    """
    return call.ok(course.course_of(call.tx, client_id, by=call.query["rules"], **call.context))


@v1.post("/clients/<uuid:client_id>/restart")
@operation("Begin the usual range anew", permits=access.CARE_WORK, takes=RestartSchema, creates=True)
def post_restart(call: Call, client_id: UUID) -> ApiResponse:
    """From the next session on; the history stays. Not while an episode is open."""
    episodes.restart_usual_range(call.tx, client_id, call.body["reason"], **call.context)
    return call.nothing()
