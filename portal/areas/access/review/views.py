"""What stood out in the trail, what was opened in emergencies, and every colleague's own trail."""

from functools import partial
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.areas.access.review.presenters import present_emergencies, present_findings
from portal.clients.service_client import Unavailable, or_unavailable
from portal.kit.forms import Filled
from portal.kit.wording.refusals import unavailable_sentence
from portal.request_context import request_context
from portal.security.access_log import note
from portal.security.accounts import all_staff
from portal.security.emergency import OUTCOMES, review, to_review
from portal.security.permissions import requires
from shared.contracts import access

screen = Blueprint("review", __name__)
_SERVICES = ("intake", "scheduling", "feedback")
_DONE = "Noted."


@screen.get("/clinic/access")
@requires(access.TRAIL_OF_STAFF)
def show() -> str:
    """Emergencies that wait to be looked at first."""
    return _page(Filled())


@screen.post("/clinic/access/emergencies/<uuid:access_id>")
@requires(access.REVIEWING_EMERGENCIES)
def close(access_id: UUID) -> str | Response | tuple[str, int]:
    """Say what came of looking at one again."""
    current, filled = request_context(), Filled(request.form)
    outcome = filled.choice("outcome", OUTCOMES, "Choose what came of it")
    if not filled.problems:
        with current.dependencies.database.transaction(trace=current.trace) as tx:
            if review(tx, access_id, outcome=outcome, by=current.staff.id, now=current.now):
                note(tx, current.staff, "emergency.reviewed", fields=[outcome], now=current.now)
                return redirect(url_for("review.show", done="reviewed"), 303)
        filled.refuse("", "Somebody has looked at it already, or it was your own")
    return _page(filled), 422


def _page(filled: Filled) -> str:
    current = request_context()
    asked = [current.begin(partial(or_unavailable, current.trail(service).unusual)) for service in _SERVICES]
    with current.dependencies.database.transaction(trace=current.trace) as tx:
        emergencies, staff = to_review(tx), all_staff(tx)
    names = {one.id: one.display_name for one in staff}
    may_review = current.may(access.REVIEWING_EMERGENCIES)
    found = [one.result() for one in asked]
    findings = [finding for one in found if not isinstance(one, Unavailable) for finding in one]
    lines = present_emergencies(emergencies, names, current.zone, viewer=current.staff.id, sees_reason=may_review)
    if may_review:
        current.shows((one.client_id for one in emergencies), "emergency_reason")
    return render_template(
        "areas/access/review/show.html",
        waiting=[line for line in lines if not line.outcome],
        reviewed=[line for line in lines if line.outcome],
        findings=present_findings(findings, names, current.zone),
        away=[unavailable_sentence(one.service) for one in found if isinstance(one, Unavailable)],
        colleagues=[(one.id, one.display_name) for one in staff],
        outcomes=list(OUTCOMES.items()),
        may_review=may_review,
        filled=filled,
        done=_DONE if request.args.get("done") else "",
    )
