"""What waits for a second person."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from portal.clients.service_client import ServiceRefused, ServiceUnavailable
from portal.kit.components.grant import grant_notices, present_grants
from portal.kit.forms import Filled
from portal.request_context import request_context
from portal.security.access_log import note
from portal.security.account_events import remember
from portal.security.grants import GrantUnknown, decide, waiting_for
from portal.security.permissions import requires
from shared.contracts import access

screen = Blueprint("grants", __name__)
DONE = {"confirmed": "Confirmed. It counts from their next click.", "refused": "Refused. Nothing has changed."}
_NO_CALENDAR = "The calendar does not answer, so nobody can become a therapist right now. Try again"


@screen.get("/clinic/grants")
@requires(access.CONFIRMING_RIGHTS)
def index() -> str:
    """All of it."""
    return _page(Filled())


@screen.post("/clinic/grants/<uuid:grant_id>")
@requires(access.CONFIRMING_RIGHTS, fresh=True)
def answer(grant_id: UUID) -> Response | tuple[str, int]:
    """Confirm or refuse; therapists get a diary in the calendar first."""
    current, filled = request_context(), Filled(request.form)
    confirms = filled.choice("answer", ("confirm", "refuse"), "Confirm or refuse") == "confirm"
    if filled.problems:
        return _page(filled), 422
    try:
        with current.transaction() as tx:
            grant = waiting_for(tx, current.staff.id, grant_id)
        if confirms and "therapist" in grant.roles:
            current.scheduling.put_practitioner(grant.staff_id, current.dependencies.zone)
        with current.transaction() as tx:
            grant = decide(tx, grant_id, by=current.staff.id, confirms=confirms, now=current.now)
            if confirms:
                kind = "roles.changed" if grant.kind == "roles" else "second_step.reset"
                remember(tx, kind, grant.staff_id, origin=current.origin, actor=current.staff.id, now=current.now)
            action = f"staff.{grant.kind}_{'confirmed' if confirms else 'refused'}"
            note(tx, current.staff, action, about=[grant.staff_id], fields=grant.roles, now=current.now)
    except GrantUnknown as error:
        raise NotFound from error
    except (ServiceUnavailable, ServiceRefused):
        filled.refuse("", _NO_CALENDAR)
        return _page(filled), 503
    return redirect(url_for("grants.index", done="confirmed" if confirms else "refused"), 303)


def _page(filled: Filled) -> str:
    current = request_context()
    return render_template(
        "areas/clinic/grants/index.html",
        grants=present_grants(current),
        alone=grant_notices(current, on_account=True).alone,
        done=DONE.get(request.args.get("done", ""), ""),
        filled=filled,
    )
