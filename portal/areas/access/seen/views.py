"""Who saw a client, and what a colleague looked at: asked of all services side by side."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from flask import Blueprint, render_template, request

from portal.areas.access.seen.presenters import Looks, actors, present_looks
from portal.clients.service_client import ServiceRefused, Unavailable, or_unavailable
from portal.clients.trail import TrailClient, TrailEntry
from portal.kit.wording.refusals import unavailable_sentence
from portal.request_context import RequestContext, request_context
from portal.security.accounts import get_staff
from portal.security.permissions import requires
from shared.contracts import access

screen = Blueprint("seen", __name__)
_SERVICES = ("intake", "scheduling", "feedback")
_MOST = 100


@screen.get("/people/<uuid:client_id>/seen")
@requires(access.TRAIL)
def of_client(client_id: UUID) -> str:
    """Everybody who looked at this client or changed something, newest first."""
    current = request_context()
    before = _before()
    looks, away = _looks(current, lambda trail: trail.about(client_id, before=before, most=_MOST))
    names = current.names_of([client_id])
    current.shows([client_id], "trail")
    person = names.person(client_id, None)
    return render_template("areas/access/seen/client.html", person=person, looks=looks, away=away, is_later=before)


@screen.get("/clinic/access/<uuid:staff_id>")
@requires(access.TRAIL_OF_STAFF)
def by_staff(staff_id: UUID) -> str:
    """What one colleague looked at: when, what kind of thing, of how many people; never the content."""
    current = request_context()
    before = _before()
    with current.dependencies.database.transaction(trace=current.trace) as tx:
        one = get_staff(tx, staff_id)
    looks, away = _looks(current, lambda trail: trail.by(staff_id, before=before, most=_MOST))
    return render_template("areas/access/seen/staff.html", one=one, looks=looks, away=away, is_later=before)


def _looks(current: RequestContext, ask: Callable[[TrailClient], tuple[TrailEntry, ...]]) -> tuple[Looks, list[str]]:
    trails = [partial(_asked, ask, current.trail(service), service) for service in _SERVICES]
    asked = [current.begin(partial(or_unavailable, trail)) for trail in trails]
    found = [one.result() for one in asked]
    entries = [entry for one in found if not isinstance(one, Unavailable) for entry in one]
    more = any(len(one) == _MOST for one in found if not isinstance(one, Unavailable))
    away = [unavailable_sentence(one.service) for one in found if isinstance(one, Unavailable)]
    names = current.staff_names(actors(entries))
    return present_looks(entries, names, current.zone, most=_MOST, more=more), away


def _asked(
    ask: Callable[[TrailClient], tuple[TrailEntry, ...]], trail: TrailClient, service: str
) -> tuple[TrailEntry, ...]:
    """Only intake says that there is nobody; the others may not have heard of them yet."""
    try:
        return ask(trail)
    except ServiceRefused as refused:
        if refused.status == 404 and service != "intake":
            return ()
        raise


def _before() -> datetime | None:
    try:
        moment = datetime.fromisoformat(request.args.get("before", ""))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo and 1900 < moment.year < 9000 else None
