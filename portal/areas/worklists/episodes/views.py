"""All episodes one may read: one's own clients', for the clinical lead everybody's."""

from flask import Blueprint, render_template, request, url_for

from portal.areas.worklists.episodes.presenters import present_episodes, staff_of
from portal.kit.components.impression import own_impressions, still_to_give
from portal.request_context import request_context
from portal.security.permissions import requires
from shared.contracts import access

screen = Blueprint("episodes", __name__)
STATES = {"open": "Open", "closed": "Closed"}


@screen.get("/episodes")
@requires(access.COURSE)
def show() -> str:
    """Open or closed, some at a time, oldest first."""
    current = request_context()
    state = request.args.get("state", "")
    state = state if state in STATES else "open"
    after = request.args.get("after") or None
    page = current.follow_up.episodes(state, after=after)
    # Standing in this list says something: whoever's impression waits stands apart, listed or not.
    mirrors = own_impressions(current)
    found = [one for one in page.items if one.client_id not in mirrors]
    names = current.names_of([*(one.client_id for one in found), *mirrors])
    current.shows((one.client_id for one in found), "reading")
    return render_template(
        "areas/worklists/episodes/show.html",
        first=still_to_give(mirrors, names) if after is None else [],
        lines=present_episodes(
            found, names, staff=current.staff_names(staff_of(found)), now=current.now, zone=current.zone
        ),
        tabs=[(words, url_for("episodes.show", state=code), code == state, None) for code, words in STATES.items()],
        state=state,
        with_therapist=current.staff.has("clinical_lead"),
        names_away=names.away,
        is_first=after is None,
        next=page.next,
    )
