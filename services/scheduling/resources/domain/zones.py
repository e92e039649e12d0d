"""
Local time and instants: all zone arithmetic of this service, in Python, from the pinned zone data.

A weekly appointment is a promise in local time; its instant moves when the clocks change.
"""

import zoneinfo
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache

from services.scheduling.resources.domain.refusals import FieldRefused

# zoneinfo would prefer the operating system's data, which differs from machine to machine;
# with an empty path the pinned package `tzdata` is what counts.
zoneinfo.reset_tzpath(to=())

YEARS = range(2000, 2101)  # far from the ends of the calendar, where an offset would leave it


class ZoneUnknown(FieldRefused):
    """Not the name of a time zone in the IANA database."""


class TimeOutOfReach(FieldRefused):
    """The time lies too far in the past or in the future."""


class Clock(StrEnum):
    """What the clock on the wall does at a local time."""

    PLAIN = "plain"
    SKIPPED = "skipped"  # the clocks go forward over it
    REPEATED = "repeated"  # the clocks go back over it


@cache
def zone_names() -> frozenset[str]:
    """All zones of the IANA database that a place can be in."""
    return frozenset(zoneinfo.available_timezones()) - {"Factory", "localtime"}


def find_zone(name: str) -> zoneinfo.ZoneInfo:
    """The zone of this name; raises ZoneUnknown."""
    if name not in zone_names():
        raise ZoneUnknown("zone", "This is no time zone of the IANA database; write it like Europe/Berlin.")
    return zoneinfo.ZoneInfo(name)


def to_instant(local: datetime, zone: str) -> datetime:
    """
    The instant (aware, UTC) at which the clocks of a zone show a local time.

    A time that does not exist is read with the offset before the gap (02:30 is
    03:30 then); a time that occurs twice is the first of the two.

    Args:
        local: Naive local time, in the years 2000 to 2100.
        zone: IANA name.

    Raises:
        ZoneUnknown, TimeOutOfReach.

    Source:
        RFC 5545, 3.3.5.
    """
    if local.year not in YEARS:
        raise TimeOutOfReach("local_start", "The year must lie between 2000 and 2100.")
    return local.replace(tzinfo=find_zone(zone), fold=0).astimezone(UTC)


def to_local(instant: datetime, zone: str) -> datetime:
    """What the clocks of a zone show at an instant, as a naive time; raises ZoneUnknown."""
    return instant.astimezone(find_zone(zone)).replace(tzinfo=None, fold=0)


def clock_at(local: datetime, zone: str) -> Clock:
    """Tell whether a local time occurs once, never or twice; raises ZoneUnknown, TimeOutOfReach."""
    if to_local(to_instant(local, zone), zone) != local:
        return Clock.SKIPPED
    tz = find_zone(zone)
    if local.replace(tzinfo=tz, fold=0).utcoffset() != local.replace(tzinfo=tz, fold=1).utcoffset():
        return Clock.REPEATED
    return Clock.PLAIN


def end_of(starts_at: datetime, minutes: int) -> datetime:
    """When an appointment of so many real minutes ends: 50 minutes stay 50, whatever the clocks do meanwhile."""
    return starts_at + timedelta(minutes=minutes)
