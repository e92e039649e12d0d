"""One's own impression comes before any look at the client's answers, on every page that would show them."""

from collections.abc import Mapping
from uuid import UUID

from flask import request

from portal.clients.feedback.client import Offer
from portal.clients.service_client import Unavailable, optional
from portal.names import Names, PersonLink
from portal.request_context import RequestContext


def own_impression_first(current: RequestContext, client_id: UUID) -> Offer | None:
    """One's own impression still to be given: it is worth more before the client's answers are seen."""
    return own_impressions(current, client_id).get(client_id)


def own_impressions(current: RequestContext, client_id: UUID | None = None) -> dict[UUID, Offer]:
    """Client -> one's own impression still to be given; empty for whoever is no therapist."""
    if not current.staff.has("therapist"):
        return {}
    mine = optional(
        lambda: current.feedback.offers(side="therapist", practitioner_id=current.staff.id, client_id=client_id)
    )
    return {} if mine is None or isinstance(mine, Unavailable) else {offer.client_id: offer for offer in reversed(mine)}


def still_to_give(mirrors: Mapping[UUID, Offer], names: Names) -> list[tuple[PersonLink, UUID]]:
    """Whose impression waits, with the form it is given in."""
    return [(names.person(client_id, offer.spoken_code), offer.id) for client_id, offer in mirrors.items()]


def looks_anyway() -> bool:
    """They chose to see the course without giving their impression."""
    return request.args.get("show") == "course"
