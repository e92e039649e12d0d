"""Whom to reach out to, a draft of a few warm words, and that somebody did."""

from collections.abc import Callable, Collection
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.areas.worklists.reach_out.presenters import people_of, present_reach_out
from portal.clients.service_client import ServiceRefused
from portal.kit.components.impression import own_impressions
from portal.kit.error_pages import not_kept
from portal.kit.forms import Filled, Problem
from portal.kit.wording.follow_up import NOT_NOW, REACH_OUT, REACH_OUT_DRAFT
from portal.kit.wording.refusals import refusal_sentence
from portal.request_context import request_context
from portal.security.permissions import PAGES, requires

screen = Blueprint("reach_out", __name__)
DONE = {
    "reached": "Noted: somebody reached out. They rest from this list for two weeks, unless something new comes up.",
    "not_now": "Noted. They rest from this list for two weeks, unless something new comes up.",
    "undone": "Taken back.",
}


@screen.get("/reach-out")
@requires(PAGES["reach_out"])
def show() -> str:
    """A therapist's own clients; for the clinical lead everybody's."""
    return _page(Filled())


@screen.post("/reach-out/<uuid:client_id>/reached")
@requires(PAGES["reach_out"])
def reached(client_id: UUID) -> Response | tuple[str, int]:
    filled = Filled(request.form)
    day = filled.day("on", "Enter the day on which somebody reached out")
    if day and day > request_context().today:
        filled.refuse("on", "The day cannot lie in the future")
    note = {"kind": "reached_out", "on": day.isoformat() if day else ""}
    return _attempt(client_id, filled, "on", lambda: _note(client_id, note, filled), "reached")


@screen.post("/reach-out/<uuid:client_id>/not-now")
@requires(PAGES["reach_out"])
def not_now(client_id: UUID) -> Response | tuple[str, int]:
    filled = Filled(request.form)
    note = {"kind": "not_now", "reason": filled.choice("reason", NOT_NOW, "Choose why not for now")}
    return _attempt(client_id, filled, "reason", lambda: _note(client_id, note, filled), "not_now")


@screen.post("/reach-out/<uuid:client_id>/notes/<uuid:note_id>/undo")
@requires(PAGES["reach_out"])
def undo(client_id: UUID, note_id: UUID) -> Response | tuple[str, int]:
    filled = Filled(request.form)
    back = request_context().follow_up.take_reach_out_back
    return _attempt(client_id, filled, "", lambda: back(client_id, note_id, key=filled.get("key")), "undone")


def _note(client_id: UUID, note: dict[str, str], filled: Filled) -> None:
    request_context().follow_up.note_reach_out(client_id, note, key=filled.get("key"))


def _attempt(
    client_id: UUID, filled: Filled, field: str, act: Callable[[], None], done: str
) -> Response | tuple[str, int]:
    if filled.problems:
        return _page(filled, client_id), 422
    try:
        act()
    except ServiceRefused as refused:
        if refused.status == 404:
            return not_kept()
        # Each of these forms asks for one thing: what is wrong with the note is wrong there.
        where = field if refused.status == 422 else ""
        filled.refuse(where, refusal_sentence(refused.status, refused.detail))
        return _page(filled, client_id), refused.status
    return redirect(url_for("reach_out.show", done=done), 303)


def _page(filled: Filled, sent_for: UUID | None = None) -> str:
    current = request_context()
    leads = current.staff.has("clinical_lead")
    found = current.follow_up.reach_out_list(None if leads else current.staff.id)
    mirrors = own_impressions(current)
    names = current.names_of(people_of(found, mirrors))
    current.shows((reach.client_id for reach in found), "reading", "appointments")
    page = present_reach_out(
        found,
        names,
        staff=current.staff_names(reach.practitioner_id for reach in found),
        mirrors=mirrors,
        viewer=current.staff.display_name,
        today=current.today,
    )
    filled = _at_the_form_of(sent_for, filled, [line.person.client_id for line in page.lines])
    return render_template(
        "areas/worklists/reach_out/show.html",
        page=page,
        with_therapist=leads,
        names_away=names.away,
        not_now=list(NOT_NOW.items()),
        because=REACH_OUT,
        draft_words=REACH_OUT_DRAFT,
        today=current.today.isoformat(),
        filled=filled,
        done=DONE.get(request.args.get("done", ""), ""),
    )


def _at_the_form_of(client_id: UUID | None, filled: Filled, shown: Collection[UUID]) -> Filled:
    """
    The form with its fields named `<field>-<client id>`, as their inputs are on the page.

    Where that client is no longer among those shown, what is wrong is said of the page as a whole.
    """
    if client_id not in shown:
        return Filled(problems=[Problem("", problem.message) for problem in filled.problems])
    return Filled(
        {f"{name}-{client_id}": value for name, value in filled.values.items()},
        [Problem(f"{one.field}-{client_id}" if one.field else "", one.message) for one in filled.problems],
    )
