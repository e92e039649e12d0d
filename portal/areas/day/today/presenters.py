"""The day in words."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from portal import clinic_time
from portal.clients.feedback.client import Case, Offer
from portal.clients.feedback.course import Course
from portal.clients.scheduling import Appointment
from portal.clinic_time import local_day
from portal.kit.components.hour import Hour, local, present_hour
from portal.kit.components.packet import packets
from portal.kit.wording.sentences import next_step, sentence
from portal.kit.wording.states import Tag, course_tag
from portal.kit.wording.times import count, hour, long_day, relative_day, short_day
from portal.names import Names, PersonLink

_ORDER = (
    ("booked", "to come"),
    ("arrived", "here now"),
    ("completed", "took place"),
    ("no_show", "did not come"),
    ("cancelled", "cancelled"),
)
_MOST_CONVERSATIONS = 5


@dataclass(frozen=True, slots=True)
class Day:
    """Which day is shown and how to leave it."""

    title: str
    relative: str
    iso: str
    before: str
    after: str
    is_today: bool
    now: str


@dataclass(frozen=True, slots=True)
class DayRow:
    """One line of the list: an hour, or the line that says what time it is."""

    hour: Hour | None
    now: str = ""


@dataclass(frozen=True, slots=True)
class FormLine:
    """A check-in that waits."""

    offer_id: UUID
    person: PersonLink
    session: str
    until: str


@dataclass(frozen=True, slots=True)
class ConversationLine:
    """A client with whom a conversation would do good, and why."""

    person: PersonLink
    tag: Tag
    sentence: str
    next_step: str


@dataclass(frozen=True, slots=True)
class NextSession:
    """The hour that comes next, with what to have in mind."""

    hour: Hour
    starts: str
    session_words: str
    tag: Tag | None
    sentence: str
    next_step: str
    wish: str | None
    wish_from: str


def present_day(day: date, now: datetime, zone: ZoneInfo) -> Day:
    """The heading and the ways to other days."""
    today = local_day(now, zone)
    return Day(
        title=long_day(day),
        relative=relative_day(day, today),
        iso=day.isoformat(),
        before=(day - timedelta(days=1)).isoformat(),
        after=(day + timedelta(days=1)).isoformat(),
        is_today=day == today,
        now=hour(clinic_time.local(now, zone)),
    )


def present_lines(
    appointments: Sequence[Appointment],
    names: Names,
    *,
    staff: Mapping[UUID, str],
    rooms: Mapping[UUID, str],
    offers: Sequence[Offer],
    now: datetime,
    today: Day,
) -> list[DayRow]:
    """All hours in order of time, with the line of the present between past and future."""
    open_offers = {packet.first.appointment_id: packet.first.id for packet in reversed(packets(offers))}
    lines: list[DayRow] = []
    is_drawn = not today.is_today
    for appointment in appointments:
        if not is_drawn and appointment.starts_at > now:
            if lines:
                lines.append(DayRow(None, today.now))
            is_drawn = True
        lines.append(
            DayRow(present_hour(appointment, names, staff=staff, rooms=rooms, offers=open_offers, now=now)),
        )
    return lines


def tally(appointments: Sequence[Appointment]) -> list[tuple[str, str]]:
    """How the day stands, as (number, words); only what there is."""
    found = Counter("cancelled" if a.status.endswith("_cancelled") else a.status for a in appointments)
    return [(str(found[status]), words) for status, words in _ORDER if found[status]]


def present_forms(offers: Sequence[Offer], names: Names, now: datetime, zone: ZoneInfo) -> list[FormLine]:
    """Check-ins that wait, those that run out first on top."""
    return [
        FormLine(
            packet.first.id,
            names.person(packet.first.client_id, packet.first.spoken_code),
            packet.session,
            f"until {short_day(local_day(packet.first.expires_at, zone))}"
            if packet.first.expires_at > now
            else "no longer",
        )
        for packet in packets(sorted(offers, key=lambda o: (o.expires_at, str(o.id))))
    ]


def present_conversations(cases: Sequence[Case], names: Names) -> list[ConversationLine]:
    """The first few who need a conversation, in the order the feedback service gave."""
    return [
        ConversationLine(
            names.person(case.client_id, case.spoken_code),
            course_tag(case.state),
            sentence(case.template, case.params),
            next_step(case.next_step),
        )
        for case in cases
        if case.needs_conversation
    ][:_MOST_CONVERSATIONS]


def upcoming(appointments: Sequence[Appointment], now: datetime) -> Appointment | None:
    """The hour under way or the next to come; cancelled and finished ones are neither."""
    return next((a for a in appointments if a.status in {"booked", "arrived"} and a.ends_at > now), None)


def present_next(hour_of: Hour, appointment: Appointment, course: Course | None, now: datetime) -> NextSession:
    """The next session with the client's wish from last time first."""
    start, _ = local(appointment)
    minutes = int((appointment.starts_at - now).total_seconds() // 60)
    held = [p for p in course.points if p.appointment_id != appointment.id] if course else []
    reading = course.reading if course else None
    wish = course.wish if course and course.wish and course.wish.text else None
    return NextSession(
        hour=hour_of,
        starts=_starts(minutes, start),
        session_words=f"Session {held[-1].session_number + 1}" if held else "First session",
        tag=course_tag(reading.state) if reading else None,
        sentence=sentence(reading.template, reading.params) if reading else "",
        next_step=next_step(reading.next_step) if reading else "",
        wish=wish.text if wish else None,
        wish_from=f"after session {wish.from_session}" if wish and wish.from_session else "last time",
    )


def _starts(minutes: int, start: datetime) -> str:
    if minutes < 0:
        return "Now"
    if minutes == 0:
        return "Begins now"
    if minutes < 60:
        return f"In {count(minutes, 'minute')}"
    return f"At {hour(start)}"
