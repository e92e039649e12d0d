"""The courses with other therapists, read-only."""

from uuid import UUID

from flask import Blueprint, render_template

from portal.areas.course.earlier.presenters import present_earlier
from portal.request_context import request_context
from portal.security.permissions import requires
from shared.contracts import access

screen = Blueprint("earlier", __name__)


@screen.get("/people/<uuid:client_id>/earlier")
@requires(access.COURSE)
def show(client_id: UUID) -> str:
    """Totals, states and what became of episodes: no words, no impressions."""
    current = request_context()
    courses = current.follow_up.earlier_courses(client_id)
    names = current.names_of([client_id])
    person = names.person(client_id, None)
    current.shows([client_id], "course")
    return render_template(
        "areas/course/earlier/show.html",
        person=person,
        courses=present_earlier(
            courses,
            client_id,
            person.code,
            current.staff_names(course.practitioner_id for course in courses),
            current.zone,
        ),
    )
