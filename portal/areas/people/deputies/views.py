"""Who stands in for whom: see it, name a deputy, end it."""

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.clinic_time import local_day
from portal.kit.error_pages import not_kept
from portal.kit.forms import Filled, submit
from portal.kit.wording.times import short_day
from portal.request_context import request_context
from portal.security.permissions import requires
from shared.contracts import access

screen = Blueprint("deputies", __name__)
_DONE = {"named": "Named. They see these clients on the days agreed.", "ended": "Ended, at once."}


@dataclass(frozen=True, slots=True)
class DeputyLine:
    """One arrangement, in words."""

    id: UUID
    sentence: str
    may_end: bool


@screen.get("/deputies")
@requires(access.DEPUTIES)
def show() -> str:
    """What goes on now and later."""
    return _page(Filled())


@screen.post("/deputies")
@requires(access.DEPUTISING)
def name() -> str | Response | tuple[str, int]:
    """A therapist names one for themselves, the clinical lead for anybody."""
    current, filled = request_context(), Filled(request.form)
    leads = current.staff.has("clinical_lead")
    whose = filled.id("practitioner_id", "Choose who is away") if leads else current.staff.id
    deputy = filled.id("deputy_id", "Choose who stands in")
    first = filled.day("first_day", "Enter the first day")
    last = filled.day("last_day", "Enter the last day")
    if whose is None or deputy is None or first is None or last is None:
        return _page(filled), 422
    return submit(
        filled,
        lambda: current.intake.name_deputy(whose, deputy, first, last, key=filled.get("key")),
        page=lambda: _page(filled),
        done=url_for("deputies.show", done="named"),
        fields={field: field for field in ("practitioner_id", "deputy_id", "first_day", "last_day")},
    )


@screen.post("/deputies/<uuid:deputising_id>/ending")
@requires(access.DEPUTISING)
def end(deputising_id: UUID) -> str | Response | tuple[str, int]:
    """End it now."""
    filled = Filled(request.form)
    return submit(
        filled,
        lambda: request_context().intake.end_deputy(deputising_id, key=filled.get("key")),
        page=lambda: _page(filled),
        done=url_for("deputies.show", done="ended"),
        fields={},
        gone=not_kept,
    )


def _page(filled: Filled) -> str:
    current = request_context()
    asked = current.begin(current.scheduling.practitioners)
    found = current.intake.deputies()
    everyone = [one.id for one in asked.result()]
    names = current.staff_names([*everyone, *(i for d in found for i in (d.practitioner_id, d.deputy_id))])
    options = sorted(((str(i), names.get(i, "A colleague")) for i in everyone), key=lambda o: o[1].casefold())
    may_name = current.may(access.DEPUTISING)
    lines = []
    for one in found:
        first = short_day(max(local_day(one.begins_at, current.zone), current.today))
        last = short_day(local_day(one.last_moment, current.zone))
        who, whom = names.get(one.deputy_id, "A colleague"), names.get(one.practitioner_id, "a colleague")
        lines.append(DeputyLine(one.id, f"{who} stands in for {whom}, {first} to {last}.", may_name))
    return render_template(
        "areas/people/deputies/show.html",
        lines=lines,
        may_name=may_name,
        leads=current.staff.has("clinical_lead"),
        everyone=options,
        colleagues=[option for option in options if option[0] != str(current.staff.id)],
        today=current.today.isoformat(),
        filled=filled,
        done=_DONE.get(request.args.get("done", ""), ""),
    )
