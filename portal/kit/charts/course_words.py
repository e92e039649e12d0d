"""The words of a course's picture: codes said plainly, the caption, the description. Observation first, no verdict."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from portal.clients.feedback.course import Course, Point, Restart
from portal.kit.wording.times import count

NOT_VALIDATED = (
    "This is a conversation aid written by this project. It is not a validated instrument; it has no norms and no "
    "clinical cut-off. It is read only against this client's own earlier answers."
)

MISSING = {
    "not_offered": "not offered",
    "declined": "declined",
    "no_answer": "no answer",
    "technical": "technical",
    "absent": "absent",
    "unable": "unable",
    "consent_withdrawn": "consent withdrawn",
    "not_shared": "not shared",
    "shared_later": "shared later",
    "not_scored": "too few answers",
    "awaited": "not yet answered",
}

SAID = {"yes": "yes", "a_little": "a little", "no": "no", "not_said": "would rather not say"}

ABSENCES = {"missed": "hour missed", "cancelled": "hour cancelled"}


@dataclass(frozen=True, slots=True)
class Break:
    """Why the usual range begins anew, and whether a line may run across it."""

    words: str
    parts_the_line: bool


RESTARTS = {
    "change_of_therapist": Break("new therapist", parts_the_line=True),
    "change_of_delivery": Break("new form of delivery", parts_the_line=True),
    "change_of_form": Break("new form", parts_the_line=True),
    "settled": Break("settled at a new level", parts_the_line=False),
    "other": Break("new usual range", parts_the_line=False),
}


def spoken(code: str) -> str:
    """A code that no table knows, as words; a new code must not break the picture."""
    return code.replace("_", " ").lower()


def state_word(point: Point) -> str:
    return spoken(point.state)


def missing_word(point: Point) -> str | None:
    """Why this session has no total from the client; None where there is one."""
    if shared_total(point) is not None:
        return None
    reason = point.missing_reason or "not_scored"  # a form came back, with too few answers for a total
    return MISSING.get(reason, spoken(reason))


def restart_of(restart: Restart) -> Break:
    """What a restart is called on the picture; after an ending of whatever reason it is a new beginning."""
    return RESTARTS.get(restart.reason, Break("new beginning", parts_the_line=True))


def shared_total(point: Point) -> float | None:
    """The client's total, unless they chose not to share it: then it is not drawn, whatever arrived."""
    return None if point.missing_reason in {"not_shared", "shared_later"} else point.client_total


def client_said(point: Point) -> str | None:
    """What the client said about strain, under the same choice."""
    return None if point.missing_reason in {"not_shared", "shared_later"} else point.said_so.client


def seen_by_one(point: Point) -> bool:
    """True when one of the two noted strain and the other, asked as well, said there was none."""
    said = {client_said(point), point.said_so.therapist}
    return "no" in said and bool(said & {"yes", "a_little"})


def points_of(value: float | None) -> str:
    """
    Points as the page writes them: one decimal, rounded half up, none where it is whole.

    >>> points_of(62.25), points_of(40.0), points_of(None)
    ('62.3', '40', '')
    """
    if value is None:
        return ""
    tenths = int(value * 10 + 0.5)
    return str(tenths // 10) if tenths % 10 == 0 else f"{tenths // 10}.{tenths % 10}"


def state_runs(points: Sequence[Point]) -> Iterator[tuple[str, int, int]]:
    """Runs of one state other than steady: its word, the place of its first and of its last session."""
    first = 0
    for place in range(1, len(points) + 1):
        if place == len(points) or state_word(points[place]) != state_word(points[first]):
            if state_word(points[first]) != "steady":
                yield state_word(points[first]), first, place - 1
            first = place


def caption(course: Course) -> str:
    """The plain sentence under the picture: what was, with its arithmetic; a prompt to talk, never a probability."""
    if not course.points:
        return "No sessions yet. The first check-in appears here after the first session."
    answered = [point for point in course.points if shared_total(point) is not None]
    out = sum(point.missing_reason == "awaited" for point in course.points)
    gaps = len(course.points) - len(answered) - out
    numbers = f"{count(len(answered), 'check-in')} in {count(len(course.points), 'session')}"
    missing = [count(gaps, "gap") if gaps else "no gaps"] + ([f"{out} not yet answered"] if out else [])
    parts = [
        _latest(answered, course.points) if answered else "No answers yet.",
        f"Rules {course.rules_version}; {numbers}, {', '.join(missing)}.",
    ]
    return " ".join(parts)


def _latest(answered: Sequence[Point], every: Sequence[Point]) -> str:
    last = answered[-1]
    sentence = f"Session {last.session_number}: {points_of(shared_total(last))}"
    if len(answered) > 1:
        sentence += f", {_difference(answered[-2], last, every)}"
    if last.usual is None:
        return f"{sentence}; too early to say what is usual for this client."
    low, high = points_of(last.usual.low), points_of(last.usual.high)
    return f"{sentence}; the usual range for this client is about {low} to {high}."


def _difference(before: Point, last: Point, every: Sequence[Point]) -> str:
    change = (shared_total(last) or 0.0) - (shared_total(before) or 0.0)
    places = {point.session_number: place for place, point in enumerate(every)}
    next_to_it = places[last.session_number] - places[before.session_number] == 1
    when = "last time" if next_to_it else f"in session {before.session_number}"
    size = points_of(abs(change))
    if size == "0":
        return f"the same as {when}"
    return f"{size} {'point' if size == '1' else 'points'} {'lower' if change < 0 else 'higher'} than {when}"


def description(course: Course) -> str:
    """The picture in words for those who do not see it."""
    if not course.points:
        return "Nothing to draw yet."
    gaps = [point for point in course.points if shared_total(point) is None]
    told = f"{count(len(course.points), 'session')}, {len(gaps) or 'none'} without an answer."
    for word, first, last in state_runs(course.points):
        a, b = course.points[first].session_number, course.points[last].session_number
        where = f"in session {a}" if a == b else f"in sessions {a} to {b}"
        told += f" {word.capitalize()} {where}."
    return told
