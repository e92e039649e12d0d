"""How readings are made: for the clinical lead, who alone switches."""

from flask import Blueprint, abort, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.areas.clinic.reading_rules.presenters import present_difference, present_rules
from portal.clients.feedback.reading_rules import Rules
from portal.clients.service_client import Unavailable, or_unavailable
from portal.kit.forms import Filled, submit
from portal.kit.wording.refusals import away_sentence, unavailable_sentence
from portal.request_context import request_context
from portal.security.permissions import requires
from shared.contracts import access

screen = Blueprint("reading_rules", __name__)
DONE = {"switched": "Readings are made by these rules from now on. The courses follow, a few at a time."}


@screen.get("/clinic/readings")
@requires(access.RULES)
def show() -> str:
    """The rules in force with every parameter, others to look at, the history."""
    return _page(Filled())


@screen.get("/clinic/readings/differences")
@requires(access.RULES)
def differences() -> str | tuple[str, int]:
    """Whose readings would differ, before anything is switched; by the newest rules where none are named."""
    return _differences(Filled(), request.args.get("version", ""), request.args.get("after"))


@screen.post("/clinic/readings")
@requires(access.RULES)
def switch() -> str | Response | tuple[str, int]:
    filled = Filled(request.form)
    chosen = filled.text("chosen", "Choose the rules again", most=40)
    reason = filled.text("reason", "Say why, for whoever asks later", most=300)
    number = filled.version()
    if filled.problems:
        return _differences(filled, chosen, None, status=422)
    return submit(
        filled,
        lambda: request_context().feedback.switch_rules(chosen, reason, version=number or 0),
        page=lambda: _page(filled),
        done=url_for("reading_rules.show", done="switched"),
        fields={"reason": "reason", "version": "chosen"},
    )


def _page(filled: Filled) -> str:
    rules = or_unavailable(request_context().feedback.rules)
    return render_template(
        "areas/clinic/reading_rules/show.html",
        filled=filled,
        done=DONE.get(request.args.get("done", ""), ""),
        rules=None if isinstance(rules, Unavailable) else _presented(rules),
        away=away_sentence(rules),
    )


def _presented(rules: Rules) -> object:
    current = request_context()
    return present_rules(rules, current.staff_names(one.switched_on_by for one in rules.history), current.zone)


def _differences(filled: Filled, version: str, after: str | None, *, status: int = 200) -> str | tuple[str, int]:
    current = request_context()
    if len(version) > 40:
        abort(404)
    rules = or_unavailable(current.feedback.rules)
    version = version or ("" if isinstance(rules, Unavailable) else rules.newest)
    found = or_unavailable(lambda: current.feedback.rules_differences(version, after=after))
    away = next((one for one in (rules, found) if isinstance(one, Unavailable)), None)
    if isinstance(rules, Unavailable) or isinstance(found, Unavailable):
        assert away is not None
        return render_template(
            "areas/clinic/reading_rules/differences.html", away=unavailable_sentence(away.service), version=version
        ), 200
    current.shows([one.client_id for one in found.items], "state", "signals")
    names = current.names_of([one.client_id for one in found.items])
    page = render_template(
        "areas/clinic/reading_rules/differences.html",
        away=None,
        filled=filled,
        version=version,
        current=rules.in_force,
        lines=[present_difference(one, names) for one in found.items],
        next=found.next,
        is_first=after is None,
    )
    return page, status
