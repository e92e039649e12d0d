"""The same numbers as a table, in the order of the picture; states and reasons in words."""

from datetime import date

from portal.clients.feedback.course import Absence, Course, Point
from portal.kit.charts.course_words import (
    ABSENCES,
    SAID,
    client_said,
    missing_word,
    points_of,
    restart_of,
    seen_by_one,
    shared_total,
    spoken,
    state_word,
)


def table(course: Course, *, therapist: bool) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Header and rows; hours that did not take place stand at their date, between the sessions."""
    rows = [(point.date, 0, _session_row(course, point)) for point in course.points]
    rows += [(absence.date, 1, _absence_row(absence)) for absence in course.absences]
    rows.sort(key=lambda row: (row[0], row[1]))
    header = ("Session", "Date", "Client", "Usual range", "Therapist", "Strain said", "State", "Note")
    return _without_therapist(header, therapist), tuple(_without_therapist(row, therapist) for *_, row in rows)


def day(value: date) -> str:
    """A date as the clinic writes it: 3 Mar 2026."""
    return f"{value.day} {value:%b %Y}"


def _without_therapist(cells: tuple[str, ...], keep: bool) -> tuple[str, ...]:  # noqa: FBT001 - one private caller
    return cells if keep else cells[:4] + cells[5:]


def _session_row(course: Course, point: Point) -> tuple[str, ...]:
    return (
        str(point.session_number),
        day(point.date),
        points_of(shared_total(point)) or "none",
        f"{points_of(point.usual.low)} to {points_of(point.usual.high)}" if point.usual else "too early",
        points_of(point.therapist_total) or "none",
        _said(point),
        state_word(point),
        _note(course, point),
    )


def _absence_row(absence: Absence) -> tuple[str, ...]:
    return ("no session", day(absence.date), "", "", "", "", "", ABSENCES.get(absence.kind, spoken(absence.kind)))


def _said(point: Point) -> str:
    sides = (("client", client_said(point)), ("therapist", point.said_so.therapist))
    told = "; ".join(f"{side}: {SAID.get(said, spoken(said))}" for side, said in sides if said)
    return f"{told} (seen by one of you)" if seen_by_one(point) else told


def _note(course: Course, point: Point) -> str:
    parts = [missing_word(point)] if missing_word(point) else []
    parts += [
        f"from here: {restart_of(restart).words}"
        for restart in course.restarts
        if restart.session_number == point.session_number
    ]
    if point.frozen:
        parts.append("usual range held still")
    return ", ".join(part for part in parts if part)
