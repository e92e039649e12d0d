"""One quarter or year at a time; what is told of it, the service decides by the viewer's role."""

from datetime import date

from flask import Blueprint, render_template, request, url_for

from portal.areas.clinic.figures.presenters import Choice, choices, present_figures
from portal.clients.service_client import Unavailable, or_unavailable
from portal.kit.wording.figures import LABEL
from portal.kit.wording.outcome_figures import LEAD, NOBODY, TITLE
from portal.kit.wording.refusals import away_sentence
from portal.request_context import request_context
from portal.security.permissions import PAGES, requires

screen = Blueprint("figures", __name__)


@screen.get("/clinic/figures")
@requires(PAGES["clinic"])
def show() -> str:
    """The present quarter, or the one that was chosen."""
    current = request_context()
    offered = choices(current.today)
    chosen = _chosen(offered)
    found = or_unavailable(lambda: current.figures.of(chosen.first, chosen.last))
    tabs = [
        (one.words, url_for("figures.show", since=one.first, until=one.last), one == chosen, None) for one in offered
    ]
    return render_template(
        "areas/clinic/figures/show.html",
        page=None if isinstance(found, Unavailable) else present_figures(found),
        away=away_sentence(found),
        tabs=tabs,
        chosen=chosen.words,
        label=LABEL,
        outcome_title=TITLE,
        outcome_lead=LEAD,
        outcome_nobody=NOBODY,
    )


def _chosen(offered: list[Choice]) -> Choice:
    asked = tuple(request.args.get(name, type=date.fromisoformat) for name in ("since", "until"))
    return next((one for one in offered if (one.first, one.last) == asked), offered[0])
