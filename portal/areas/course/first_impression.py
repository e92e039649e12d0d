"""One's own impression comes first: the page instead of any that shows a reading."""

from uuid import UUID

from flask import render_template, request

from portal.clients.feedback.client import Offer
from portal.request_context import RequestContext


def first_impression_page(current: RequestContext, client_id: UUID, mirror: Offer, title: str) -> str:
    """Instead of a page that shows a reading: one's own impression first."""
    person = current.names_of([client_id]).person(client_id, mirror.spoken_code)
    return render_template(
        "areas/course/first_impression.html", person=person, mirror=mirror, title=title, look=request.path
    )


def looks_anyway() -> bool:
    """They chose to look without giving their impression; the service keeps that they did."""
    return request.args.get("show") == "course"
