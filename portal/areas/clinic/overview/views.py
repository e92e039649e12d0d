"""Rooms for the calendar; the crisis help that every form shows, without which no form opens."""

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.areas.clinic.overview.presenters import CRISIS_FIELDS, present_crisis, values_of
from portal.clients.feedback.client import CrisisInformation
from portal.clients.service_client import optional, there
from portal.kit.components.backups import backup_line
from portal.kit.forms import Filled, submit
from portal.kit.wording.refusals import away_sentence
from portal.request_context import request_context
from portal.security.permissions import PAGES, requires
from shared.contracts import access

screen = Blueprint("clinic", __name__)
DONE = {"room": "The room can be booked now.", "crisis": "Every form shows the new text from now on."}


@screen.get("/clinic")
@requires(PAGES["clinic"])
def show() -> str:
    return _page(Filled())


@screen.post("/clinic/rooms")
@requires(access.ROOMS)
def add_room() -> str | Response | tuple[str, int]:
    """A room, by what stands on its door."""
    filled = Filled(request.form)
    label = filled.text("label", "Enter what stands on the door", most=64)
    return submit(
        filled,
        lambda: request_context().scheduling.add_room(label, key=filled.get("key")),
        page=lambda: _page(filled),
        done=url_for("clinic.show", done="room"),
        fields={"label": "label"},
    )


@screen.get("/clinic/crisis-help")
@requires(PAGES["clinic"])
def crisis_form() -> str:
    return _crisis_page(Filled(values_of(_information(), request_context().today)))


@screen.post("/clinic/crisis-help")
@requires(PAGES["clinic"])
def enter_crisis() -> str | Response | tuple[str, int]:
    """Keep it; a wrong number is worse than none, so every part is required."""
    filled = Filled(request.form)
    for name, (label, _) in CRISIS_FIELDS.items():
        filled.text(name, f"Enter: {label[0].lower()}{label[1:]}", most=300)
    for name in ("checked_on", "review_on"):
        filled.day(name, "Enter a date")
    names = (*CRISIS_FIELDS, "checked_on", "review_on")
    return submit(
        filled,
        lambda: request_context().feedback.enter_crisis_information({name: filled.get(name) for name in names}),
        page=lambda: _crisis_page(filled),
        done=url_for("clinic.show", done="crisis"),
        fields={name: name for name in names},
    )


def _information() -> CrisisInformation | None:
    found = optional(request_context().feedback.crisis_information)
    return there(found)


def _crisis_page(filled: Filled) -> str:
    return render_template("areas/clinic/overview/crisis.html", filled=filled, fields=list(CRISIS_FIELDS.items()))


def _page(filled: Filled) -> str:
    current = request_context()
    rooms = optional(current.scheduling.rooms)
    crisis = optional(current.feedback.crisis_information)
    return render_template(
        "areas/clinic/overview/show.html",
        filled=filled,
        done=DONE.get(request.args.get("done", ""), ""),
        rooms=there(rooms) or (),
        rooms_away=away_sentence(rooms),
        backups=backup_line(current.dependencies.backups, current.now, current.zone)
        if current.may(access.UPKEEP)
        else None,
        may_add=current.may(access.ROOMS),
        may_see_rules=current.may(access.RULES),
        may_export=current.may(access.EXPORTING),
        crisis=present_crisis(crisis, current.today) if isinstance(crisis, CrisisInformation) else None,
        crisis_away=away_sentence(crisis),
    )
