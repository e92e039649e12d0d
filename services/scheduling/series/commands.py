"""Weekly series: booked as a whole or not at all, and ended without touching what has been."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.scheduling.appointments import events
from services.scheduling.appointments.commands.booking import appointment_of, clear_wish
from services.scheduling.appointments.commands.changes import keep_marked
from services.scheduling.appointments.commands.locking import take_all_in_hand
from services.scheduling.appointments.domain import appointment as rules
from services.scheduling.appointments.domain.appointment import Appointment, Marking
from services.scheduling.appointments.domain.booking import SeriesWish, check_reach
from services.scheduling.appointments.domain.status import Status
from services.scheduling.appointments.store import appointments, occupancy
from services.scheduling.resources.domain.refusals import BlockedDate, SeriesBlocked, SeriesUnknown
from services.scheduling.series.domain import rule_text, weekly
from shared.database import Tx
from shared.ids import uuid7
from shared.outbox import publish
from shared.scope import Scope
from shared.security import audit


@dataclass(frozen=True, slots=True)
class Series:
    """A weekly series: its rule (RFC 5545), its dates, and the local dates that were left out."""

    id: UUID
    rule: str
    appointments: list[Appointment]
    skipped: list[datetime]


def book_series(tx: Tx, wish: SeriesWish, *, scope: Scope, now: datetime) -> Series:
    """
    Book the same hour for so many weeks; all dates, or with `skip_conflicts` all that are free.

    Raises:
        SeriesBlocked: some dates are taken (or, when skipping, all of them); nothing is booked.
        What `book` raises, but for SlotTaken.
    """
    first = wish.first
    cleared = clear_wish(tx, first, scope=scope)
    dates = weekly(first.local_start, cleared.zone, weeks=wish.weeks, minutes=first.minutes)
    for date in (dates[0], dates[-1]):
        check_reach(date.starts_at, now)
    taken = occupancy.clashes(tx, scope, cleared.numbers, [(date.starts_at, date.ends_at) for date in dates])
    if taken and (not wish.skip_conflicts or len(taken) == len(dates)):
        blocked = [BlockedDate(dates[place].local_start, tuple(why)) for place, why in sorted(taken.items())]
        raise SeriesBlocked(blocked, weeks=wish.weeks)

    series_id = uuid7()
    booked = [
        appointment_of(
            first,
            zone=cleared.zone,
            starts_at=date.starts_at,
            local_start=date.local_start,
            now=now,
            series_id=series_id,
        )
        for place, date in enumerate(dates)
        if place not in taken
    ]
    rule = rule_text(wish.weeks)
    appointments.add_series(tx, series_id, rule=rule, first=booked[0], local_start=first.local_start)
    appointments.add(tx, booked)
    occupancy.occupy(tx, booked, cleared.numbers)
    for appointment in booked:
        publish(tx, events.appointment_booked(appointment, now=now))
    audit.record(tx, scope, "series.book", about=[first.client_id], now=now)
    skipped = [dates[place].local_start for place in sorted(taken)]
    return Series(series_id, rule, appointments.of_series(tx, scope, series_id), skipped)


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
    dates = appointments.of_series(tx, scope, series_id)
    if not dates:
        raise SeriesUnknown("There is no such series.")
    ahead = [date for date in dates if _stands(date, now) and not date.detached]
    return _call_off(tx, ahead, by=by, reason_code=reason_code, scope=scope, now=now)


def end_planned_series(
    tx: Tx, *, client_id: UUID, practitioner_id: UUID, scope: Scope, now: datetime
) -> list[Appointment]:
    """Call off all dates of series that two people have ahead, moved ones too, as their therapy has ended."""
    ahead = appointments.planned_in_series(tx, scope, client_id=client_id, practitioner_id=practitioner_id, after=now)
    return _call_off(tx, ahead, by="clinic", reason_code="prov-dch", scope=scope, now=now)


def _call_off(
    tx: Tx, seen: list[Appointment], *, by: str, reason_code: str | None, scope: Scope, now: datetime
) -> list[Appointment]:
    to = Status.CLIENT_CANCELLED if by == "client" else Status.CLINIC_CANCELLED
    marking = Marking(to, reason_code=reason_code)
    current = [a for a in take_all_in_hand(tx, seen, scope=scope) if _stands(a, now)]
    return [keep_marked(tx, rules.mark(a, marking, now=now), scope=scope, now=now) for a in current]


def _stands(appointment: Appointment, now: datetime) -> bool:
    return appointment.status is Status.BOOKED and appointment.starts_at > now
