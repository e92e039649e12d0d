import zoneinfo
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scheduling.resources.domain.zones import (
    Clock,
    TimeOutOfReach,
    ZoneUnknown,
    clock_at,
    find_zone,
    to_instant,
    to_local,
)
from services.scheduling.series.domain import weekly
from tests.scheduling.practice import local

ZONES = (
    "Europe/Berlin",
    "Europe/Dublin",
    "America/New_York",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Pacific/Chatham",
    "Pacific/Apia",
)
local_times = st.datetimes(local("2001-01-01T00:00"), local("2099-12-31T00:00")).map(
    lambda t: t.replace(second=0, microsecond=0)
)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_the_pinned_zone_data_counts_not_the_machines() -> None:
    assert zoneinfo.TZPATH == ()
    assert find_zone("Europe/Berlin").key == "Europe/Berlin"


def test_weekly_1500_is_1500_on_the_change_over_sunday() -> None:
    dates = weekly(local("2026-03-22T15:00"), "Europe/Berlin", weeks=3, minutes=50)

    assert [d.local_start.hour for d in dates] == [15, 15, 15]
    assert [d.starts_at for d in dates] == [utc("2026-03-22T14:00"), utc("2026-03-29T13:00"), utc("2026-04-05T13:00")]


def test_a_time_in_the_gap_uses_the_offset_before_it_and_a_repeated_time_is_the_first() -> None:
    in_the_gap, repeated = local("2026-03-29T02:30"), local("2026-10-25T02:30")

    assert to_instant(in_the_gap, "Europe/Berlin") == utc("2026-03-29T01:30")
    assert to_local(utc("2026-03-29T01:30"), "Europe/Berlin") == local("2026-03-29T03:30")
    assert clock_at(in_the_gap, "Europe/Berlin") is Clock.SKIPPED
    assert to_instant(repeated, "Europe/Berlin") == utc("2026-10-25T00:30")
    assert clock_at(repeated, "Europe/Berlin") is Clock.REPEATED


@pytest.mark.parametrize(
    ("zone", "shown", "instant"),
    [
        ("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:45"),  # in the half-hour gap, offset before: +10:30
        ("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45"),  # repeated for half an hour, first: +11
        ("Europe/Dublin", "2026-03-29T01:30", "2026-03-29T01:30"),  # changes at 01:00
        ("Europe/Dublin", "2026-10-25T01:30", "2026-10-25T00:30"),
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30"),
        ("Australia/Sydney", "2026-10-04T02:30", "2026-10-03T16:30"),  # summer begins in October
        ("Asia/Kathmandu", "2026-03-29T01:30", "2026-03-28T19:45"),
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T22:00"),  # Samoa skipped this day
    ],
)
def test_lord_howe_half_hour_shift_dublin_0100_change_and_southern_summer(zone: str, shown: str, instant: str) -> None:
    assert to_instant(local(shown), zone) == utc(instant)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("first", ["2026-03-01T01:30", "2026-09-06T01:30", "2028-02-01T01:30"])
def test_every_local_hour_can_be_booked(zone: str, first: str) -> None:
    dates = weekly(local(first), zone, weeks=12, minutes=50)

    assert len({d.starts_at for d in dates}) == 12
    for date in dates:
        assert date.ends_at - date.starts_at == timedelta(minutes=50)
        if clock_at(date.local_start, zone) is not Clock.SKIPPED:
            assert to_local(date.starts_at, zone) == date.local_start


def test_hours_are_bookable_after_the_spring_change() -> None:
    start = local("2026-03-29T00:00")

    instants = [to_instant(start + timedelta(hours=hour), "Europe/Berlin") for hour in range(24)]

    # 23 real hours: only the skipped one falls together with the one after it.
    assert len(set(instants)) == 23
    assert to_local(instants[-1], "Europe/Berlin") == local("2026-03-29T23:00")


@given(shown=local_times, zone=st.sampled_from(ZONES))
def test_wall_time_survives_the_way_to_an_instant_and_back(shown: datetime, zone: str) -> None:
    there_and_back = to_local(to_instant(shown, zone), zone)

    if clock_at(shown, zone) is Clock.SKIPPED:
        assert there_and_back > shown
    else:
        assert there_and_back == shown


@given(shown=local_times, zone=st.sampled_from(ZONES), weeks=st.integers(1, 60), minutes=st.integers(5, 480))
def test_a_series_keeps_weekday_wall_time_and_real_length(shown: datetime, zone: str, weeks: int, minutes: int) -> None:
    shown = shown.replace(year=min(shown.year, 2097))

    dates = weekly(shown, zone, weeks=weeks, minutes=minutes)

    assert {(d.local_start.weekday(), d.local_start.time()) for d in dates} == {(shown.weekday(), shown.time())}
    assert {d.ends_at - d.starts_at for d in dates} == {timedelta(minutes=minutes)}
    assert all(a.starts_at < b.starts_at for a, b in pairwise(dates))


@pytest.mark.parametrize(
    "name", ["", "Europe", "Factory", "../etc/passwd", "Europe/Atlantis", "Europe/Berlin\0", "x" * 999]
)
def test_only_zones_of_the_iana_database_are_zones(name: str) -> None:
    with pytest.raises(ZoneUnknown):
        to_instant(local("2026-03-10T15:00"), name)


@pytest.mark.parametrize("year", [1, 1999, 2101, 9999])
def test_a_year_far_away_is_refused_before_any_arithmetic(year: int) -> None:
    with pytest.raises(TimeOutOfReach):
        to_instant(local(f"{year:04}-01-01"), "Pacific/Kiritimati")


@pytest.mark.parametrize("weeks", [0, -1, 61])
def test_a_series_has_a_length_a_person_can_mean(weeks: int) -> None:
    with pytest.raises(ValueError, match="1 to 60"):
        weekly(local("2026-03-10T15:00"), "Europe/Berlin", weeks=weeks, minutes=50)
