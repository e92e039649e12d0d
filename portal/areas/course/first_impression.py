"""One's own impression comes first: the page instead of any that shows a reading."""

from uuid import UUID

from flask import render_template, request

from portal.kit.components.impression import looks_anyway, own_impression_first
from portal.request_context import RequestContext


def first_impression_page(current: RequestContext, client_id: UUID, title: str) -> str | None:
    """None where no impression is owed, or they chose to look without giving it; the service keeps that they did."""
    mirror = None if looks_anyway() else own_impression_first(current, client_id)
    if mirror is None:
        return None
    person = current.names_of([client_id]).person(client_id, mirror.spoken_code)
    return render_template(
        "areas/course/first_impression.html", person=person, mirror=mirror, title=title, look=request.path
    )
