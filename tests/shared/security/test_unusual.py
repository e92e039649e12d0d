"""What stands out in the trail, rule by rule."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from shared.security.audit.trail import TrailEntry
from shared.security.audit.unusual import MANY_IN_LISTS, MANY_ONE_BY_ONE, Unusual, unusual

NINE = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def look(
    *people: int, at: datetime = NINE, actor: str = "dana", action: str = "x.read", purpose: str = "care"
) -> TrailEntry:
    about = tuple(UUID(int=number) for number in people)
    return TrailEntry(at, actor, ("front_desk",), purpose, "portal", action, len(about), about, (), "t")


def one_by_one(number: int, *, every: timedelta) -> list[TrailEntry]:
    return [look(person, at=NINE + person * every) for person in range(number)]


def kinds(entries: list[TrailEntry]) -> set[Unusual]:
    return {finding.kind for finding in unusual(entries)}


def test_many_people_one_after_the_other_stand_out_in_ten_minutes_and_not_in_a_day() -> None:
    assert kinds(one_by_one(MANY_ONE_BY_ONE + 1, every=timedelta(seconds=10))) == {Unusual.MANY_PEOPLE}
    assert kinds(one_by_one(MANY_ONE_BY_ONE, every=timedelta(seconds=10))) == set()
    assert kinds(one_by_one(MANY_ONE_BY_ONE * 3, every=timedelta(minutes=1))) == set()


def test_the_same_person_again_and_again_is_one_person() -> None:
    assert kinds([look(1, at=NINE + timedelta(seconds=n)) for n in range(500)]) == set()


def test_a_page_of_a_list_does_not_stand_out_and_a_whole_clinic_does() -> None:
    pages = [look(*range(50 * n, 50 * n + 50)) for n in range(MANY_IN_LISTS // 50 + 1)]

    assert kinds(pages[:-1]) == set()
    assert kinds(pages) == {Unusual.MANY_PEOPLE}


def test_two_people_are_not_counted_as_one() -> None:
    mine, theirs = one_by_one(30, every=timedelta(seconds=1)), one_by_one(60, every=timedelta(seconds=1))[30:]

    assert kinds([*mine, *(look(e.about[0].int, at=e.at, actor="ben") for e in theirs)]) == set()


def test_every_export_and_every_emergency_is_told_of_with_its_hour() -> None:
    found = unusual([look(1, action="export.made"), look(2, purpose="emergency", at=NINE + timedelta(minutes=61))])

    assert [(f.kind, f.hour, f.number) for f in found] == [
        (Unusual.EMERGENCY, NINE + timedelta(hours=1), 1),
        (Unusual.EXPORT, NINE, 1),
    ]
