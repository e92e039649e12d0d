"""Who supervises whom. It counts at once: whoever no longer supervises somebody opens no pack of theirs."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from portal.areas.supervision.supervisors.presenters import present_pairs, supervisor_boxes
from portal.clients.service_client import ServiceRefused, or_unavailable, there
from portal.kit.forms import Filled
from portal.kit.wording.refusals import away_sentence
from portal.request_context import RequestContext, request_context
from portal.security.access_log import note
from portal.security.accounts import Staff, all_staff
from portal.security.permissions import PAGES, requires

screen = Blueprint("supervisors", __name__)


@screen.get("/clinic/supervision")
@requires(PAGES["clinic"])
def index() -> str:
    current = request_context()
    pairs = or_unavailable(current.supervision.supervisions)
    return render_template(
        "areas/supervision/supervisors/index.html",
        lines=present_pairs(_staff(current), there(pairs) or ()),
        away=away_sentence(pairs),
        done="Arranged. It counts from now on." if request.args.get("done") == "arranged" else "",
    )


@screen.get("/clinic/supervision/<uuid:staff_id>")
@requires(PAGES["clinic"])
def show(staff_id: UUID) -> str:
    """One therapist, with everybody who could supervise them."""
    pairs = request_context().supervision.supervisions(staff_id)
    return _page(staff_id, Filled({f"supervisor_{pair.supervisor_id}": "yes" for pair in pairs}))


@screen.post("/clinic/supervision/<uuid:staff_id>")
@requires(PAGES["clinic"])
def arrange(staff_id: UUID) -> Response | tuple[str, int]:
    """These and no others."""
    current, filled = request_context(), Filled(request.form)
    staff = _staff(current)
    _therapist(staff, staff_id)
    chosen = [one.id for one in staff if one.has("supervisor") and filled.get(f"supervisor_{one.id}") == "yes"]
    try:
        current.supervision.set_supervisors(staff_id, chosen)
    except ServiceRefused as refused:
        filled.take_refusal(refused, {"supervisor_ids": "supervisors"})
        return _page(staff_id, filled), refused.status
    with current.transaction() as tx:
        note(tx, current.staff, "supervision.arranged", about=[staff_id, *chosen], now=current.now)
    return redirect(url_for("supervisors.index", done="arranged"), 303)


def _page(staff_id: UUID, filled: Filled) -> str:
    staff = _staff(request_context())
    therapist = _therapist(staff, staff_id)
    return render_template(
        "areas/supervision/supervisors/show.html",
        therapist=therapist.display_name,
        staff_id=staff_id,
        boxes=supervisor_boxes(staff, staff_id),
        filled=filled,
    )


def _therapist(staff: list[Staff], staff_id: UUID) -> Staff:
    found = next((one for one in staff if one.id == staff_id and one.has("therapist")), None)
    if found is None:
        raise NotFound
    return found


def _staff(current: RequestContext) -> list[Staff]:
    with current.transaction() as tx:
        return all_staff(tx)
