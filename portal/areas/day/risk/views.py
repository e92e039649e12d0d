"""Say that a risk answer was read, and what came of it: nobody can make it go away without that."""

from uuid import UUID

from flask import Blueprint, abort, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.kit.components.risk import RiskFound, find_risk, risk_panel
from portal.kit.forms import Filled, submit
from portal.kit.wording.codes import RISK_OUTCOMES
from portal.request_context import request_context
from portal.security.permissions import requires
from shared.contracts import access

screen = Blueprint("risk", __name__)


@screen.get("/risk-answers/<uuid:risk_id>")
@requires(access.RISK_READING)
def show(risk_id: UUID) -> str:
    return _page(risk_id, Filled())


@screen.post("/risk-answers/<uuid:risk_id>/acknowledgement")
@requires(access.RISK_READING)
def acknowledge(risk_id: UUID) -> str | Response | tuple[str, int]:
    """It was read; the outcome is part of having read it."""
    filled = Filled(request.form)
    outcome = filled.choice("outcome", RISK_OUTCOMES, "Choose what came of it")
    version = filled.version()
    return submit(
        filled,
        lambda: request_context().check_ins.acknowledge(risk_id, outcome, version=version),
        page=lambda: _page(risk_id, filled),
        done=url_for("today.show", done="risk_read"),
        fields={"outcome": "outcome"},
    )


def _page(risk_id: UUID, filled: Filled) -> str:
    current = request_context()
    found = find_risk(current)
    only = tuple(risk for risk in found.answers if risk.id == risk_id)
    if not only and not filled.problems:
        abort(404)
    names = current.names_of({risk.client_id for risk in only})
    panel = risk_panel(current, RiskFound(only, found.away, found.forms), names)
    return render_template("areas/day/risk/show.html", panel=panel, filled=filled)
