"""What we ask: which measures are offered when; read by those who lead the clinic, changed by them."""

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.areas.check_ins.plan.presenters import (
    RHYTHMS,
    WAYS,
    addable,
    fields_of,
    present_plan,
    read_plan,
    settings_words,
    values_of,
)
from portal.clients.feedback.check_ins import Plan
from portal.clients.feedback.forms import Form
from portal.clients.service_client import Unavailable, or_unavailable
from portal.kit.forms import Filled, submit
from portal.kit.wording.refusals import refusal_sentence, unavailable_sentence
from portal.request_context import RequestContext, request_context
from portal.security.permissions import requires
from shared.contracts import access

screen = Blueprint("plan", __name__)


@screen.get("/clinic/what-we-ask")
@requires(access.PLANNING)
def show() -> str:
    """In words first, then as fields."""
    current = request_context()
    found = or_unavailable(current.check_ins.plan)
    if isinstance(found, Unavailable):
        return render_template("areas/check_ins/plan/away.html", away=unavailable_sentence(found.service))
    return _page(current, found, Filled(values_of(found)))


@screen.post("/clinic/what-we-ask")
@requires(access.PLANNING)
def change() -> str | Response | tuple[str, int]:
    """It counts for every session about which forms are offered from now on."""
    current, filled = request_context(), Filled(request.form)
    plan = current.check_ins.plan()
    version = filled.version()
    if version != plan.version and not filled.problems:
        filled.refuse("", refusal_sentence(412))
        return _page(current, plan, Filled(values_of(plan), filled.problems)), 412
    wanted = read_plan(plan, filled, _measures(current, plan))
    return submit(
        filled,
        lambda: current.check_ins.change_plan(wanted, version=version),
        page=lambda: _page(current, plan, filled),
        done=url_for("plan.show", done="changed"),
        fields=fields_of(plan, filled),
    )


def _measures(current: RequestContext, plan: Plan) -> dict[str, Form]:
    forms = {form.id: form for form in current.feedback.measures()}
    missing = {entry.measure_id for entry in plan.entries} - set(forms)
    return forms | {measure_id: current.feedback.measure(measure_id) for measure_id in missing}


def _page(current: RequestContext, plan: Plan, filled: Filled) -> str:
    measures = _measures(current, plan)
    return render_template(
        "areas/check_ins/plan/show.html",
        lines=present_plan(plan, measures),
        settings=settings_words(plan),
        others=addable(plan, measures),
        rhythms=RHYTHMS,
        ways=WAYS,
        version=plan.version,
        filled=filled,
        done="Kept. It counts from the next forms on." if request.args.get("done") == "changed" else "",
    )
