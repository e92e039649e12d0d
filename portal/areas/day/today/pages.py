"""Gathers what the day's two pages show: the whole house for the desk, one's own day for a therapist."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from flask import render_template, request, url_for

from portal.areas.day.today.presenters import (
    NextSession,
    present_conversations,
    present_day,
    present_forms,
    present_lines,
    present_next,
    tally,
    upcoming,
)
from portal.clients.feedback.client import Offer
from portal.clients.scheduling import Appointment
from portal.clients.service_client import Unavailable, optional, or_unavailable, there
from portal.clinic_time import day_begins
from portal.kit.components.emergency import emergency_notices
from portal.kit.components.grant import grant_notices
from portal.kit.components.hour import Hour
from portal.kit.components.risk import find_risk, risk_panel
from portal.kit.forms import Filled
from portal.kit.wording.codes import CANCEL_REASONS_CLIENT, CANCEL_REASONS_CLINIC
from portal.kit.wording.refusals import away_sentence
from portal.kit.wording.states import status_tag
from portal.request_context import RequestContext
from shared.contracts import access

Tab = tuple[str, str, bool, None]

DONE = {
    "reminded": "Noted. Nobody reminds them of this form again.",
    "risk_read": "Kept: somebody has read it, and what came of it.",
}
_YEARS = range(2000, 2100)  # far from the ends of the calendar, where a zone would leave it


@dataclass(frozen=True, slots=True)
class WantedDay:
    """Which day, whose, and what went wrong before."""

    context: RequestContext
    day: date
    views: tuple[str, ...]
    filled: Filled


def day_page(current: RequestContext, filled: Filled) -> str:
    """The page that fits the viewer: one's own day for a therapist, else the whole house."""
    own, house = "therapist" in current.staff.roles, current.may(access.WHOLE_HOUSE)
    views = tuple(view for view, is_open in (("mine", own), ("house", house)) if is_open)
    named = request.values.get("view", "")
    view = named if named in views else views[0]
    wanted = WantedDay(current, _day(current), views, filled)
    return my_day(wanted) if view == "mine" else house_day(wanted)


def house_day(wanted: WantedDay) -> str:
    """All hours of the house in order of time."""
    current, day = wanted.context, wanted.day
    hands_over, at_the_desk = current.may(access.FORMS), current.may(access.AT_THE_DESK)
    asked_offers = current.begin(
        lambda: or_unavailable(lambda: current.feedback.offers(side="client")) if hands_over else ()
    )
    asked_waiting = current.begin(
        lambda: or_unavailable(lambda: current.intake.referrals(state="received")) if at_the_desk else None
    )
    asked_risk = current.begin(lambda: find_risk(current))
    asked_rooms = current.begin(lambda: _rooms(current))
    found = or_unavailable(lambda: current.scheduling.appointments(*_bounds(current, day)))
    all_hours = there(found) or ()
    chosen = request.values.get("therapist", type=UUID)
    shown = tuple(a for a in all_hours if chosen is None or a.practitioner_id == chosen)
    offers, waiting, risk = asked_offers.result(), asked_waiting.result(), asked_risk.result()
    forms = there(offers) or ()
    names = current.names_of(
        [
            *risk.client_ids,
            *(a.client_id for a in shown),
            *(o.client_id for o in forms),
        ]
    )
    current.shows((a.client_id for a in shown), "appointments")
    staff = current.staff_names(a.practitioner_id for a in all_hours)
    today = present_day(day, current.now, current.zone)
    on_list = {a.id for a in shown}
    elsewhere = [o for o in there(offers) or () if o.appointment_id not in on_list]
    return render_template(
        "areas/day/today/house.html",
        day=today,
        views=_tabs(wanted, "house"),
        lines=present_lines(
            shown,
            names,
            staff=staff,
            rooms=asked_rooms.result(),
            offers=forms,
            now=current.now,
            today=today,
        ),
        tally=tally(shown),
        away=away_sentence(found),
        names_away=names.away,
        therapists=_therapists(staff, chosen, day),
        chosen=chosen,
        forms=present_forms(elsewhere, names, current.now, current.zone),
        forms_away=away_sentence(offers),
        hands_over=hands_over,
        waiting=None if waiting is None or isinstance(waiting, Unavailable) else len(waiting),
        risk=risk_panel(current, risk, names),
        reminders=present_forms(_to_remind(forms), names, current.now, current.zone),
        reminders_away=away_sentence(offers),
        **_common(wanted, all_hours),
    )


def my_day(wanted: WantedDay) -> str:
    """A therapist's own hours, the next one first, and what waits for them."""
    current, me = wanted.context, wanted.context.staff.id
    asked_offers = current.begin(lambda: or_unavailable(lambda: current.feedback.offers(practitioner_id=me)))
    asked_cases = current.begin(lambda: or_unavailable(lambda: current.feedback.caseload(me)))
    asked_risk = current.begin(lambda: find_risk(current))
    asked_rooms = current.begin(lambda: _rooms(current))
    found = or_unavailable(lambda: current.scheduling.appointments(*_bounds(current, wanted.day), practitioner_id=me))
    mine = there(found) or ()
    both_sides, cases, risk = asked_offers.result(), asked_cases.result(), asked_risk.result()
    offers = tuple(offer for offer in there(both_sides) or () if offer.side == "client")
    mirrors = tuple(offer for offer in there(both_sides) or () if offer.side == "therapist")
    # Their own impression is worth most before they have seen the client's answers, in any form; where it is not
    # known whose is still to be given, nothing is shown of anybody's.
    not_yet = {offer.client_id for offer in mirrors}
    if isinstance(both_sides, Unavailable):
        cases = both_sides
    concerned = [case for case in there(cases) or () if case.needs_conversation and case.client_id not in not_yet]
    to_remind = _to_remind(offers)
    names = current.names_of(
        [
            *risk.client_ids,
            *(a.client_id for a in mine),
            *(o.client_id for o in (*mirrors, *to_remind)),
            *(c.client_id for c in concerned),
        ]
    )
    current.shows((a.client_id for a in mine), "appointments")
    current.shows((c.client_id for c in concerned), "reading")
    today = present_day(wanted.day, current.now, current.zone)
    lines = present_lines(
        mine, names, staff={}, rooms=asked_rooms.result(), offers=offers, now=current.now, today=today
    )
    hours = [line.hour for line in lines if line.hour]
    return render_template(
        "areas/day/today/mine.html",
        day=today,
        views=_tabs(wanted, "mine"),
        lines=lines,
        tally=tally(mine),
        away=away_sentence(found),
        names_away=names.away,
        next=_next_session(current, mine, hours, None if isinstance(both_sides, Unavailable) else not_yet)
        if today.is_today
        else None,
        mirrors=present_forms(mirrors, names, current.now, current.zone),
        mirrors_away=away_sentence(both_sides),
        conversations=present_conversations(concerned, names),
        conversations_away=away_sentence(cases),
        hands_over=True,
        chosen=None,
        risk=risk_panel(current, risk, names),
        reminders=present_forms(to_remind, names, current.now, current.zone),
        reminders_away=away_sentence(both_sides),
        **_common(wanted, mine),
    )


def _next_session(
    current: RequestContext, mine: Sequence[Appointment], hours: Sequence[Hour], not_yet: set[UUID] | None
) -> NextSession | None:
    coming = upcoming(mine, current.now)
    if coming is None:
        return None
    course = None
    if not_yet is not None and coming.client_id not in not_yet:
        course = optional(lambda: current.feedback.course(coming.client_id))
        current.shows([coming.client_id], "reading", "wish")
    hour = next(hour for hour in hours if hour.id == coming.id)
    return present_next(hour, coming, there(course), current.now)


def _common(wanted: WantedDay, hours: Sequence[Appointment]) -> dict[str, object]:
    changed = request.args.get("changed", "")
    just = next((a for a in hours if str(a.id) == changed), None)
    return {
        "emergencies": emergency_notices(wanted.context),
        "filled": wanted.filled,
        "grants": grant_notices(wanted.context),
        "done": DONE.get(request.args.get("done", ""), ""),
        "changed": just,
        "changed_tag": status_tag(just.status) if just else None,
        "may_tick": wanted.context.may(access.BOOKING),
        "client_reasons": list(CANCEL_REASONS_CLIENT.items()),
        "clinic_reasons": list(CANCEL_REASONS_CLINIC.items()),
    }


def _to_remind(offers: Sequence[Offer]) -> tuple[Offer, ...]:
    """Forms of which somebody may remind the client now."""
    return tuple(offer for offer in offers if offer.reminder == "due")


def _day(current: RequestContext) -> date:
    wanted = request.values.get("day", type=date.fromisoformat)
    return wanted if wanted and wanted.year in _YEARS else current.today


def _bounds(current: RequestContext, day: date) -> tuple[datetime, datetime]:
    """The clinic's day in UTC; 23 or 25 hours long when the clocks change."""
    return day_begins(day, current.zone), day_begins(day + timedelta(days=1), current.zone)


def _rooms(current: RequestContext) -> dict[UUID, str]:
    rooms = optional(current.scheduling.rooms)
    return {} if rooms is None or isinstance(rooms, Unavailable) else {room.id: room.label for room in rooms}


def _therapists(staff: dict[UUID, str], chosen: UUID | None, day: date) -> list[Tab]:
    """Whose hours to show; nothing to choose where there is only one."""
    if len(staff) < 2:
        return []
    in_order = sorted(staff.items(), key=lambda item: item[1].casefold())
    whose = [("Everybody", None), *((name, staff_id) for staff_id, name in in_order)]
    return [
        (name, url_for("today.show", day=day, view="house", therapist=who), who == chosen, None) for name, who in whose
    ]


def _tabs(wanted: WantedDay, shown: str) -> list[Tab]:
    if len(wanted.views) < 2:
        return []
    words = {"mine": "My day", "house": "Everybody"}
    return [(words[v], url_for("today.show", view=v, day=wanted.day), v == shown, None) for v in wanted.views]
