"""The weekly pack: of those one supervises, and of one's own work."""

from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from portal.areas.supervision.packs.presenters import client_ids, present_pack
from portal.clients.feedback.supervision import Pack
from portal.clients.service_client import (
    ServiceRefused,
    ServiceUnavailable,
    Unavailable,
    optional,
    or_unavailable,
    there,
)
from portal.kit.forms import Filled, submit
from portal.kit.wording.refusals import unavailable_sentence
from portal.kit.wording.supervision import POINTS, PROMPTS_LABEL
from portal.request_context import RequestContext, request_context
from portal.security.permissions import PAGES, requires
from shared.contracts import access

screen = Blueprint("supervision", __name__)
_MOST_WORDS = 2000
DONE = {"point": "Noted. The two of you can read it."}


@screen.get("/supervision")
@requires(PAGES["supervision"])
def show() -> str:
    """One therapist's week: the first supervisee's, or one's own."""
    current = request_context()
    pairs = optional(current.supervision.supervisions)
    mine = [] if pairs is None or isinstance(pairs, Unavailable) else pairs
    own = current.staff.id
    supervisees = [
        pair.practitioner_id for pair in mine if pair.supervisor_id == own and current.may(access.SUPERVISING)
    ]
    names = current.staff_names([*supervisees, *(pair.supervisor_id for pair in mine)])
    supervisees.sort(key=lambda one: names.get(one, "").casefold())
    whose = request.args.get("of", type=UUID) or _first(current, supervisees)
    week = request.args.get("week") or None
    found = None if whose is None else _pack(current, whose, week)
    pack = there(found)
    is_own = whose == own
    not_yet = _own_mirrors(current) if is_own else {}
    away = [one.service for one in (pairs, found) if isinstance(one, Unavailable)]
    return render_template(
        "areas/supervision/packs/show.html",
        pack=present_pack(pack, not_yet=not_yet, today=current.today, zone=current.zone) if pack else None,
        away=unavailable_sentence(away[0]) if away else None,
        whose=whose,
        is_own=is_own,
        name="My own work" if is_own else names.get(whose, "A colleague") if whose else "",
        tabs=_tabs(current, supervisees, names, whose, week),
        supervisors=[names[p.supervisor_id] for p in mine if p.practitioner_id == own and p.supervisor_id in names],
        may_note=not is_own and current.may(access.SUPERVISING),
        prompts_label=PROMPTS_LABEL,
        done=DONE.get(request.args.get("done", ""), ""),
    )


@screen.get("/supervision/<uuid:staff_id>/<uuid:client_id>/point")
@requires(access.SUPERVISING)
def new_point(staff_id: UUID, client_id: UUID) -> str:
    return _point_page(staff_id, client_id, Filled())


@screen.post("/supervision/<uuid:staff_id>/<uuid:client_id>/point")
@requires(access.SUPERVISING)
def note_point(staff_id: UUID, client_id: UUID) -> str | Response | tuple[str, int]:
    current, filled = request_context(), Filled(request.form)
    code = filled.choice("code", POINTS, "Choose what you agreed on")
    text = filled.get("text")
    if len(text) > _MOST_WORDS:
        filled.refuse("text", f"Use at most {_MOST_WORDS} characters")
    week = request.args.get("week", "")
    return submit(
        filled,
        lambda: current.supervision.note_point(staff_id, client_id, week, code, text, key=filled.get("key")),
        page=lambda: _point_page(staff_id, client_id, filled),
        done=url_for("supervision.show", of=str(staff_id), week=week, done="point"),
        fields={"code": "code", "text": "text"},
    )


def _point_page(staff_id: UUID, client_id: UUID, filled: Filled) -> str:
    current, week = request_context(), request.args.get("week") or None
    pack = _pack(current, staff_id, week)
    if isinstance(pack, Unavailable):
        raise ServiceUnavailable(pack.service)
    page = present_pack(pack, not_yet={}, today=current.today, zone=current.zone)
    line = next((line for part in page.sections for line in part.items if line.client_id == client_id), None)
    if line is None:
        raise NotFound
    return render_template(
        "areas/supervision/packs/point.html",
        line=line,
        whose=staff_id,
        week=page.week,
        name=current.staff_names([staff_id]).get(staff_id, "A colleague"),
        points=list(POINTS.items()),
        filled=filled,
    )


def _pack(current: RequestContext, whose: UUID, week: str | None) -> Pack | Unavailable:
    try:
        found = or_unavailable(lambda: current.supervision.pack(whose, week))
    except ServiceRefused as refused:
        raise NotFound from refused  # not theirs to see, and then it does not exist; or no such week
    if not isinstance(found, Unavailable):
        current.shows(client_ids(found), "reading", "supervision")
    return found


def _tabs(
    current: RequestContext, supervisees: list[UUID], names: dict[UUID, str], whose: UUID | None, week: str | None
) -> list[tuple[str, str, bool, None]]:
    """Whose packs there are to read; none where there is no choice."""
    people = [(one, names.get(one, "A colleague")) for one in supervisees]
    if current.staff.has("therapist"):
        people.append((current.staff.id, "My own work"))
    tabs = [(name, url_for("supervision.show", of=str(one), week=week), one == whose, None) for one, name in people]
    return tabs if len(tabs) > 1 else []


def _first(current: RequestContext, supervisees: list[UUID]) -> UUID | None:
    own = current.staff.id if current.staff.has("therapist") else None
    return supervisees[0] if supervisees else own


def _own_mirrors(current: RequestContext) -> dict[UUID, UUID]:
    """Client -> one's own impression still to be given; it comes before any look at their answers."""
    mine = optional(lambda: current.feedback.offers(side="therapist", practitioner_id=current.staff.id))
    return {} if mine is None or isinstance(mine, Unavailable) else {offer.client_id: offer.id for offer in mine}
