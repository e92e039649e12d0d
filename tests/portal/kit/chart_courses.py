"""Courses to draw, made of a line of numbers each; fictional, dates fixed."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from portal.clients.feedback.course import Absence, Course, Episode, Measure, Point, Restart, StrainReported, Usual

FORM = Measure("project-client", "1", "session_check_in", 0, 100, validated=False)
FIRST_DAY = date(2026, 1, 13)
NOBODY = UUID(int=0)


def session_day(number: int) -> date:
    return FIRST_DAY + timedelta(weeks=number - 1)


def point(
    number: int,
    client: float | None,
    *,
    therapist: float | None = None,
    usual: tuple[float, float] | None = None,
    state: str = "steady",
    reason: str | None = None,
    frozen: bool = False,
    said: tuple[str | None, str | None] = (None, None),
) -> Point:
    return Point(
        session_number=number,
        appointment_id=UUID(int=number),
        date=session_day(number),
        state=state,
        client_total=client,
        therapist_total=therapist,
        missing_reason=reason,
        usual=Usual(*usual) if usual else None,
        frozen=frozen,
        said_so=StrainReported(*said),
    )


def course(
    points: Iterable[Point],
    *,
    episodes: Iterable[Episode] = (),
    absences: Mapping[date, str] | None = None,
    restarts: Iterable[Restart] = (),
    measure: Measure = FORM,
) -> Course:
    return Course(
        client_id=UUID(int=1042),
        spoken_code="K-1042",
        practitioner_id=NOBODY,
        course_id=UUID(int=7),
        measure=measure,
        rules_version="2026.1",
        points=tuple(points),
        episodes=tuple(episodes),
        absences=tuple(Absence(day, kind) for day, kind in (absences or {}).items()),
        restarts=tuple(restarts),
    )


def episode(state: str, opened: int, closed: int | None) -> Episode:
    return Episode(UUID(int=opened), state, opened, datetime(2026, 2, 1, tzinfo=UTC), closed_session=closed)


def steady(count: int, *, total: float = 84.0) -> Course:
    """A course without surprises: totals wander a little around `total`."""
    return course(
        point(n, total + (n * 7 % 5) - 2, therapist=total - 6 + (n * 3 % 4), usual=(72, 94) if n > 2 else None)
        for n in range(1, count + 1)
    )


def strain_and_repair() -> Course:
    """Nine sessions, one without an answer; strain in session 5, a rupture, repaired in session 8."""
    usual = {3: (70, 100), 4: (72, 97), 5: (73.5, 96), 6: (74, 96), 7: (74, 96), 8: (74, 96), 9: (73, 96.5)}
    return course(
        [
            point(1, 82, therapist=76),
            point(2, 86, therapist=80),
            point(3, None, therapist=78, usual=usual[3], reason="no_answer"),
            point(4, 84, therapist=80, usual=usual[4]),
            point(5, 77, therapist=79, usual=usual[5], state="strained", said=("a_little", "no")),
            point(6, 58, therapist=72, usual=usual[6], state="rupture", frozen=True, said=("yes", "no")),
            point(7, 72, therapist=66, usual=usual[7], state="repairing", frozen=True, said=("a_little", "yes")),
            point(8, 85, therapist=78, usual=usual[8], state="repaired", frozen=True, said=("no", "no")),
            point(9, 88, therapist=82, usual=usual[9]),
        ],
        episodes=[episode("repaired", 6, 8)],
        absences={session_day(4) + timedelta(days=2): "missed", session_day(8) + timedelta(days=3): "cancelled"},
    )


def two_therapists() -> Course:
    """Ana's hours, an unrepaired episode, an answer not shared; then a new therapist and a new start."""
    seen = [88, 84, 86, 60, 62, 58, 55]
    states = ["steady"] * 3 + ["rupture", "rupture", "rupture", "unrepaired"]
    before = [
        point(
            n,
            total,
            therapist=80 - n % 3,
            usual=(74, 97) if n > 2 else None,
            state=state,
            frozen=n > 3,
            said=("yes", "yes") if n == 4 else (None, None),
        )
        for n, (total, state) in enumerate(zip(seen, states, strict=True), start=1)
    ]
    after = [
        point(8, 70, therapist=64),
        point(9, 74, therapist=None),
        point(10, None, therapist=70, usual=(56, 89), reason="not_shared"),
        point(11, None, therapist=71, usual=(56, 89), reason="not_shared"),
        point(12, 78, therapist=72, usual=(56, 89)),
    ]
    return course(
        [*before, *after],
        episodes=[episode("unrepaired", 4, 7)],
        restarts=[Restart(8, "change_of_therapist")],
    )


def long_and_open() -> Course:
    """Forty sessions with short strains, several gaps and an episode that is still open."""
    points = []
    for n in range(1, 41):
        total: float | None = 70 + (n * 13 % 17) - 8 + n / 4
        state, reason, frozen = "steady", None, False
        if n in {7, 9, 22}:
            state, total = "strained", 58
        if n in {13, 14, 15}:
            state, total, frozen = ("rupture", 44, True) if n < 15 else ("repairing", 61, True)
        if n == 16:
            state, frozen = "repaired", True
        if n >= 38:
            state, total, frozen = "rupture", 50 + n - 38, True
        if n in {19, 20, 30, 35}:
            total, reason = None, "declined" if n < 25 else "absent"
        points.append(
            point(
                n,
                total,
                therapist=None if n % 11 == 0 else 68 + n % 5,
                usual=(58 + n / 8, 84 + n / 8) if n > 2 else None,
                state=state,
                reason=reason,
                frozen=frozen,
                said=("a_little", "no") if n == 22 else (("yes", "not_said") if n in {13, 38} else (None, None)),
            )
        )
    return course(
        points,
        episodes=[episode("repaired", 13, 16), episode("rupture", 38, None)],
        absences={session_day(n) + timedelta(days=3): "missed" for n in (5, 18, 29)},
    )
