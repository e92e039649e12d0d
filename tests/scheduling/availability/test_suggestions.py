from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.scheduling.availability.domain import suggest
from services.scheduling.resources.domain.zones import to_instant
from tests.scheduling.practice import local

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
BERLIN = "Europe/Berlin"
USUAL = local("2026-02-24T16:30")  # a Tuesday


def hour(shown: datetime) -> tuple[datetime, datetime]:
    start = to_instant(shown, BERLIN)
    return start, start + timedelta(minutes=50)


def test_last_times_weekday_and_hour_come_first() -> None:
    found = suggest([], usual=USUAL, zone=BERLIN, minutes=50, now=NOW)

    assert [s.local_start for s in found[:4]] == [USUAL + timedelta(weeks=week) for week in range(1, 5)]
    assert all(s.is_usual for s in found[:4])
    assert found[4].local_start.time() == USUAL.time()


def test_a_taken_hour_is_not_offered_and_a_touching_one_is() -> None:
    taken = hour(USUAL + timedelta(weeks=1))
    just_before = (taken[0] + timedelta(weeks=1) - timedelta(minutes=50), taken[0] + timedelta(weeks=1))

    found = suggest([taken, just_before], usual=USUAL, zone=BERLIN, minutes=50, now=NOW)

    assert found[0].local_start == USUAL + timedelta(weeks=2)


def test_without_a_usual_hour_full_hours_of_working_days_are_offered() -> None:
    found = suggest([], usual=None, zone=BERLIN, minutes=50, now=NOW)

    assert [s.local_start.hour for s in found] == [11, 12, 13, 14, 15]
    assert not any(s.is_usual for s in found)


def test_an_hour_the_clocks_skip_or_repeat_is_not_offered() -> None:
    sunday_0230 = local("2026-03-01T02:30")

    found = suggest([], usual=sunday_0230, zone=BERLIN, minutes=50, now=NOW)

    assert local("2026-03-29T02:30") not in [s.local_start for s in found]


@given(
    starts=st.lists(st.integers(0, 28 * 24), max_size=60),
    minutes=st.integers(5, 240),
    usual=st.none()
    | st.datetimes(local("2026-01-01T00:00"), local("2026-03-01T00:00")).map(
        lambda t: t.replace(second=0, microsecond=0)
    ),
)
def test_whatever_is_taken_what_is_offered_is_free_ahead_and_few(
    starts: list[int], minutes: int, usual: datetime | None
) -> None:
    busy = [(NOW + timedelta(hours=h), NOW + timedelta(hours=h, minutes=50)) for h in starts]

    found = suggest(busy, usual=usual, zone=BERLIN, minutes=minutes, now=NOW)

    assert len(found) <= 5
    assert len({s.starts_at for s in found}) == len(found)
    for s in found:
        assert s.starts_at > NOW
        assert not any(start < s.ends_at and s.starts_at < end for start, end in busy)
