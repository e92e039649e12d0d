"""The page for the two minutes between sessions, and what is noted there about an episode."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.areas.course.first_impression import first_impression_page
from portal.areas.course.prepare.presenters import present_preparation
from portal.clients.feedback.follow_up import Preparation
from portal.clients.service_client import optional
from portal.kit.components.hour import when_line
from portal.kit.error_pages import not_kept
from portal.kit.forms import Filled, submit
from portal.kit.wording.follow_up import NOT_YET, TRIED
from portal.kit.wording.refusals import away_sentence
from portal.request_context import RequestContext, request_context
from portal.security.access_log import answers_shown
from portal.security.permissions import requires
from shared.contracts import access

screen = Blueprint("prepare", __name__)
_HELD, _NOT_YET = "held", "not_yet"
TALKED = ((_HELD, "Yes, on the day below"), (_NOT_YET, "Not yet"))
DONE = {"noted": "Noted.", "undone": "Taken back."}


@screen.get("/people/<uuid:client_id>/prepare")
@requires(access.COURSE)
def show(client_id: UUID) -> str:
    """The open wish first; then how things stand, in their words, and what to note afterwards."""
    return _page(request_context(), client_id, Filled())


@screen.post("/people/<uuid:client_id>/episodes/<uuid:episode_id>/notes")
@requires(access.CARE_WORK)
def note_episode(client_id: UUID, episode_id: UUID) -> Response | tuple[str, int]:
    """Talked about, or not yet; and what was tried."""
    filled = Filled(request.form)
    note = _read_note(filled, request_context().today)
    version = filled.version()
    return _attempt(
        client_id, filled, lambda: request_context().follow_up.note_episode(episode_id, note, version=version), "noted"
    )


@screen.post("/people/<uuid:client_id>/episodes/<uuid:episode_id>/undo")
@requires(access.CARE_WORK)
def take_note_back(client_id: UUID, episode_id: UUID) -> Response | tuple[str, int]:
    """The last note of the day no longer counts."""
    filled = Filled(request.form)
    version = filled.version()
    return _attempt(
        client_id, filled, lambda: request_context().follow_up.take_note_back(episode_id, version=version), "undone"
    )


def _read_note(filled: Filled, today: date) -> dict[str, Any]:
    """The note; problems are kept with the form."""
    note: dict[str, Any] = {"tried": [code for code in TRIED if filled.get(f"tried_{code}")]}
    talked = filled.get("talked")
    if talked == _HELD:
        held_on = filled.day("held_on", "Enter the day on which you talked about it")
        if held_on and held_on > today:
            filled.refuse("held_on", "The day cannot lie in the future")
        note["held_on"] = held_on.isoformat() if held_on else None
    elif talked == _NOT_YET:
        note["not_yet"] = filled.choice("not_yet", NOT_YET, "Choose why not yet")
    elif not note["tried"]:
        filled.refuse("talked", "Say whether you talked about it, or what was tried")
    return note


def _attempt(client_id: UUID, filled: Filled, act: Callable[[], None], done: str) -> Response | tuple[str, int]:
    return submit(
        filled,
        act,
        page=lambda: _page(request_context(), client_id, filled),
        done=url_for("prepare.show", client_id=client_id, done=done),
        fields={"held_on": "held_on", "not_yet": "not_yet"},
        gone=not_kept,
    )


def _page(current: RequestContext, client_id: UUID, filled: Filled) -> str:
    if not filled.values and (first := first_impression_page(current, client_id, "Prepare")):
        return first
    asked_around = current.begin(lambda: optional(lambda: current.scheduling.neighbours([client_id])))
    told = current.follow_up.preparation(client_id)
    names = current.names_of([client_id])
    around = asked_around.result()
    hours = around.get(client_id) if isinstance(around, dict) else None
    answered = {point.appointment_id for point in told.recent if point.client_total is not None}
    answered |= {told.last.appointment_id} if told.last else set()
    seen = [answers_shown(appointment_id) for appointment_id in sorted(answered, key=str)]
    current.shows([client_id], "reading", "wish", "appointments", *seen)
    return render_template(
        "areas/course/prepare/show.html",
        person=names.person(client_id, told.spoken_code),
        names_away=names.away,
        page=present_preparation(told, staff=current.staff_names(_owners(told)), now=current.now, zone=current.zone),
        hour=when_line(hours.next, current.today) if hours and hours.next else "",
        scheduling_away=away_sentence(around),
        may_note=current.staff.id == told.practitioner_id or current.staff.has("clinical_lead"),
        is_own=current.staff.id == told.practitioner_id,
        talked=TALKED,
        today=current.today.isoformat(),
        filled=filled,
        done=DONE.get(request.args.get("done", ""), ""),
    )


def _owners(told: Preparation) -> list[UUID | None]:
    return [told.practitioner_id, told.episode.owner_id if told.episode else None]
