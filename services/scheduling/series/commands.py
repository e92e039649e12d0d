"""Weekly series: booked as a whole or not at all, and ended without touching what has been."""

from datetime import datetime
from uuid import UUID

from services.scheduling.appointments import events
from services.scheduling.appointments.commands.booking import appointment_of, check_request
from services.scheduling.appointments.commands.changes import lock_appointments, save_marked
from services.scheduling.appointments.domain.appointment import Appointment, Marking, mark
from services.scheduling.appointments.domain.booking import check_reach
from services.scheduling.appointments.domain.occupancy import SlotTaken
from services.scheduling.appointments.domain.status import Status
from services.scheduling.appointments.store import appointments, occupancy
from services.scheduling.series import store
from services.scheduling.series.domain import (
    BlockedDate,
    Series,
    SeriesBlocked,
    SeriesRequest,
    SeriesUnknown,
    rule_text,
    weekly,
)
from shared.database import Tx
from shared.ids import uuid7
from shared.outbox import publish
from shared.scope import Scope
from shared.security import audit


def book_series(tx: Tx, request: SeriesRequest, *, scope: Scope, now: datetime) -> Series:
    """
    Book the same time for so many weeks; all dates, or with `skip_conflicts` all that are free.

    Raises:
        SeriesBlocked: some dates are taken (or, when skipping, all of them); nothing is booked.
        What `book` raises, but for SlotTaken.
    """
    first = request.first
    bookable = check_request(tx, first, scope=scope)
    dates = weekly(first.local_start, bookable.zone, weeks=request.weeks, minutes=first.minutes)
    for date in (dates[0], dates[-1]):
        check_reach(date.starts_at, now)
    taken = occupancy.clashes(tx, scope, bookable.numbers, [(date.starts_at, date.ends_at) for date in dates])
    if taken and (not request.skip_conflicts or len(taken) == len(dates)):
        blocked = [BlockedDate(dates[place].local_start, tuple(why)) for place, why in sorted(taken.items())]
        raise SeriesBlocked(blocked, weeks=request.weeks)

    series_id, rule = uuid7(), rule_text(request.weeks)
    booked = [
        appointment_of(bookable, local_start=date.local_start, starts_at=date.starts_at, now=now, series_id=series_id)
        for place, date in enumerate(dates)
        if place not in taken
    ]
    store.add(tx, series_id, rule=rule, first=booked[0], local_start=first.local_start)
    if not appointments.add(tx, booked, bookable.numbers):
        raise SlotTaken([])
    for appointment in booked:
        publish(tx, events.appointment_booked(appointment, now=now))
    audit.record(tx, scope, "series.book", about=[first.client_id], now=now)
    return Series(series_id, rule, booked, [dates[place].local_start for place in sorted(taken)])


def cancel_series(
    tx: Tx, series_id: UUID, *, by: str, reason_code: str | None, scope: Scope, now: datetime
) -> list[Appointment]:
    """
    Call off what lies ahead of a series; returns the dates called off.

    Past and attended dates stay as they are, and so does a date that was moved by itself:
    somebody agreed on it apart from the series.

    `by` is "client" or "clinic"; a client's cancellation may be late for the next date.

    Raises:
        SeriesUnknown, DetailDoesNotFit.
    """
    dates = store.dates(tx, scope, series_id)
    if not dates:
        raise SeriesUnknown("There is no such series.")
    ahead = [date for date in dates if _stands(date, now) and not date.detached]
    return _call_off(tx, ahead, by=by, reason_code=reason_code, scope=scope, now=now)


def end_planned_series(
    tx: Tx, *, client_id: UUID, practitioner_id: UUID, scope: Scope, now: datetime
) -> list[Appointment]:
    """Call off all dates of series that two people have ahead, moved ones too, as their therapy has ended."""
    ahead = store.planned(tx, scope, client_id=client_id, practitioner_id=practitioner_id, after=now)
    return _call_off(tx, ahead, by="clinic", reason_code="prov-dch", scope=scope, now=now)


def _call_off(
    tx: Tx, seen: list[Appointment], *, by: str, reason_code: str | None, scope: Scope, now: datetime
) -> list[Appointment]:
    to = Status.CLIENT_CANCELLED if by == "client" else Status.CLINIC_CANCELLED
    marking = Marking(to, reason_code=reason_code)
    current = [a for a in lock_appointments(tx, seen, scope=scope) if _stands(a, now)]
    return [save_marked(tx, mark(a, marking, now=now), scope=scope, now=now) for a in current]


def _stands(appointment: Appointment, now: datetime) -> bool:
    return appointment.status is Status.BOOKED and appointment.starts_at > now
