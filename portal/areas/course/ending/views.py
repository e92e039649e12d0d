"""Planning an ending: at any time before it, from the person's page."""

from uuid import UUID

from flask import Blueprint, render_template

from portal.areas.course.ending.presenters import present_ending
from portal.areas.course.first_impression import first_impression_page
from portal.request_context import request_context
from portal.security.access_log import answers_shown
from portal.security.permissions import requires
from shared.contracts import access

screen = Blueprint("ending", __name__)


@screen.get("/people/<uuid:client_id>/ending")
@requires(access.COURSE)
def show(client_id: UUID) -> str:
    """Compare goals and first and last, look at the curve, ask what was not said."""
    current = request_context()
    if first := first_impression_page(current, client_id, "Plan an ending"):
        return first
    told = current.follow_up.ending_review(client_id)
    names = current.names_of([client_id])
    seen = [answers_shown(point.appointment_id) for point in (told.first, told.last) if point]
    current.shows([client_id], "reading", "wish", *(["outcome"] if told.outcome else []), *seen)
    return render_template(
        "areas/course/ending/show.html",
        person=names.person(client_id, told.spoken_code),
        names_away=names.away,
        page=present_ending(told, current.zone),
    )
