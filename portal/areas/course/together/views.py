"""To turn the screen, or to print: the curve, the client's own words and what is usual for them."""

from uuid import UUID

from flask import Blueprint, render_template

from portal.areas.course.first_impression import first_impression_page
from portal.areas.course.together.presenters import own_wishes, own_words
from portal.clients.feedback.course import answered_sessions
from portal.kit.charts.together import together_chart
from portal.kit.wording.follow_up import CLIENT_LABEL
from portal.request_context import request_context
from portal.security.access_log import answers_shown
from portal.security.permissions import requires
from shared.contracts import access

screen = Blueprint("together", __name__)


@screen.get("/people/<uuid:client_id>/together")
@requires(access.COURSE)
def show(client_id: UUID) -> str:
    """No names of states, no ratings of the therapist's: it is the client's picture."""
    current = request_context()
    if first := first_impression_page(current, client_id, "Look at it together"):
        return first
    course = current.feedback.course(client_id)
    current.shows([client_id], "course", "wish", *(answers_shown(a) for a in answered_sessions(course)))
    return render_template(
        "areas/course/together/show.html",
        client_id=client_id,
        code=course.spoken_code,
        figure=together_chart(course, CLIENT_LABEL),
        has_points=bool(course.points),
        wishes=own_wishes(course),
        words=own_words(course.points),
    )
