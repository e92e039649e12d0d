"""A day is one of the clinic's, far from Greenwich as well: every list, picture, figure and file says the same one."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from embedded.databases import prepare_databases
from embedded.house import House
from embedded.postgres import EmbeddedPostgres
from portal.kit.charts.course_table import day as chart_day
from portal.kit.wording.times import long_day, plain_day, short_day
from shared.database.roles import with_database
from tests.cast import ANA, CHRIS, DANA, LEAD, Staff
from tests.clinic import ADDRESS, TEST_KEYS, Clinic, SetClock
from tests.databases import empty

GOOD = {"b1": 8, "g1": 8, "t1": 8, "e1": 8, "o1": 8, "r1": "no", "s1": "now"}
STRAINED = {"b1": 2, "g1": 2, "t1": 2, "e1": 2, "o1": 2, "r1": "yes", "r2": "not_mentioned", "s1": "now"}


@pytest.fixture(scope="module", params=["Pacific/Auckland", "America/Los_Angeles"])
def far_house(request: pytest.FixtureRequest, clinic_server: EmbeddedPostgres) -> Iterator[House]:
    """A house far from Greenwich, on either side of it."""
    urls = prepare_databases(clinic_server.url(), TEST_KEYS.password)
    house = House(
        urls,
        TEST_KEYS,
        clock=SetClock(),
        clinic="Riverside Practice",
        zone=request.param,
        address=ADDRESS,
        second_step_required=False,
    )
    yield house
    house.end()


@pytest.fixture
def zone(far_house: House) -> ZoneInfo:
    """The clinic's."""
    found = far_house.floors["feedback"].database.zone
    assert isinstance(found, ZoneInfo)
    return found


@pytest.fixture
def far(far_house: House, clinic_server: EmbeddedPostgres, zone: ZoneInfo) -> Iterator[Clinic]:
    """An open clinic there: Monday 23 November 2026, nine in the morning by its own clocks."""
    clock = far_house.clock
    assert isinstance(clock, SetClock)
    far_house.settle()
    for name in (*far_house.floors, "portal"):
        empty(with_database(clinic_server.url(), f"rapport_{name}"))
    clock.now = datetime(2026, 11, 23, 9, tzinfo=zone).astimezone(UTC)
    yield Clinic(far_house, clock).open(zone=zone.key)
    for floor in far_house.floors.values():
        floor.worker.close()


def page(clinic: Clinic, path: str, staff: Staff = ANA) -> str:
    """A page as this member of staff sees it."""
    answer = clinic.signed_in(staff).get(path, follow_redirects=True)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.get_data(as_text=True)


WEDNESDAYS = ("2026-12-02", "2026-12-09", "2026-12-16", "2026-12-23")
HOURS = {"Pacific/Auckland": "09:00", "America/Los_Angeles": "18:00"}  # when UTC has another day


def four_sessions(clinic: Clinic, zone: ZoneInfo) -> str:
    """Four Wednesdays of one client, the last one strained; the clock stands at the end of the last."""
    clinic.open_forms()
    client_id = clinic.client_of(ANA)
    clinic.consent(client_id, "supervision", given=True)
    clinic.settle()
    for day in WEDNESDAYS:
        clinic.hold(clinic.book(client_id, at=f"{day}T{HOURS[zone.key]}"))
        clinic.fill_in(client_id, **(STRAINED if day == WEDNESDAYS[-1] else GOOD))
    return str(client_id)


def names_of(day: date) -> set[str]:
    """A day as pages and answers write it."""
    return {short_day(day), plain_day(day), chart_day(day), f">{chart_day(day)[:-5]}<", day.isoformat()}


def names(words: str, shown: str) -> bool:
    """The page has this day; "13 Dec" does not name "3 Dec"."""
    return re.search(rf"(?<!\d){re.escape(words)}", shown) is not None


def test_what_happened_on_a_wednesday_is_wednesdays_on_every_page(far: Clinic, zone: ZoneInfo) -> None:
    client_id = four_sessions(far, zone)
    days = [date.fromisoformat(day) for day in WEDNESDAYS]
    around = [day + timedelta(days=by) for day in days for by in (-1, 1)]
    elsewhere = set.union(*map(names_of, around[:-1]))  # the day after the last is one to book
    paths = {
        f"/people/{client_id}?show=course": [
            *map(chart_day, days),
            f">{chart_day(days[0])[:-5]}<",
            short_day(days[-1]),
        ],
        f"/people/{client_id}/prepare?show=course": [],
        f"/people/{client_id}/check-ins": [long_day(days[0])],
        "/caseload": [],
        "/supervision": [],
        f"/today?day={WEDNESDAYS[0]}": [long_day(days[0])],
    }
    for path, expected in paths.items():
        shown = page(far, path)
        for words in expected:
            assert words in shown, (path, words)
        wrong = [words for words in elsewhere if names(words, shown)]
        # Today's page leads to the days around it, by address.
        assert path.startswith("/today") or not wrong, (path, wrong)
    listed = page(far, "/episodes", LEAD)
    assert plain_day(days[-1]) in listed
    assert not [words for words in elsewhere if names(words, listed)]


def test_the_services_answers_and_files_say_the_same_day(far: Clinic, zone: ZoneInfo) -> None:
    client_id = four_sessions(far, zone)

    course = far.api("feedback", ANA, "GET", f"/v1/clients/{client_id}/course")
    offers = far.api("feedback", DANA, "GET", f"/v1/offers?client_id={client_id}&side=client")["items"]
    prepared = far.api("feedback", ANA, "GET", f"/v1/clients/{client_id}/preparation")
    sheet = far.ask("feedback", ANA, "GET", "/v1/exports/check-ins.csv?reason=care").get_data(as_text=True)
    one_day = far.ask(
        "feedback", ANA, "GET", f"/v1/exports/check-ins.csv?reason=care&from={WEDNESDAYS[1]}&to={WEDNESDAYS[1]}"
    ).get_data(as_text=True)

    assert [point["date"] for point in course["points"]] == list(WEDNESDAYS)
    assert sorted({offer["session_date"] for offer in offers}) == list(WEDNESDAYS)
    assert [point["date"] for point in prepared["recent"]] == list(WEDNESDAYS)
    rows = list(csv.DictReader(io.StringIO(sheet)))
    assert sorted({row["session_date"] for row in rows}) == list(WEDNESDAYS)
    assert {row["day"] for row in rows} == {"0", "7", "14", "21"}
    assert {row["session_date"] for row in csv.DictReader(io.StringIO(one_day))} == {WEDNESDAYS[1]}


def test_a_conversation_cannot_be_noted_for_a_day_that_has_not_come_to_the_clinic(far: Clinic, zone: ZoneInfo) -> None:
    client_id = four_sessions(far, zone)
    [episode] = far.api("feedback", ANA, "GET", f"/v1/clients/{client_id}/course")["episodes"]
    path, version = f"/v1/episodes/{episode['id']}/notes", episode["version"]

    tomorrow = far.ask("feedback", ANA, "POST", path, {"held_on": "2026-12-24"}, version=version)
    before = far.ask("feedback", ANA, "POST", path, {"held_on": "2026-12-22"}, version=version)
    today = far.ask("feedback", ANA, "POST", path, {"held_on": "2026-12-23"}, version=version)

    assert (tomorrow.status_code, before.status_code) == (422, 422)
    assert today.status_code < 300


def test_a_week_of_supervision_begins_on_the_clinics_monday(far: Clinic, zone: ZoneInfo) -> None:
    far.clock.now = datetime(2026, 11, 30, 0, 30, tzinfo=zone).astimezone(UTC)
    assert far.api("feedback", ANA, "GET", "/v1/supervision/packs")["week"] == "2026-W49"
    far.clock.now -= timedelta(hours=1)
    assert far.api("feedback", ANA, "GET", "/v1/supervision/packs")["week"] == "2026-W48"


def test_figures_count_whole_weeks_and_quarters_of_the_clinic(far: Clinic, zone: ZoneInfo) -> None:
    far.clock.now = datetime(2027, 1, 4, 0, 30, tzinfo=zone).astimezone(UTC)  # a Monday
    path = "/v1/clinic/figures?from=2026-10-01&to=2026-12-31"
    assert far.api("feedback", CHRIS, "GET", path)["counted_to"] == "2026-12-31"
    far.clock.now -= timedelta(hours=1)
    assert far.api("feedback", CHRIS, "GET", path)["counted_to"] == "2026-12-27"
    far.clock.now = datetime(2027, 1, 1, 0, 30, tzinfo=zone).astimezone(UTC)
    assert "Q1 2027" in page(far, "/clinic/figures", CHRIS)


def test_days_are_counted_by_the_calendar_across_a_change_of_the_clocks(far: Clinic, zone: ZoneInfo) -> None:
    """In April Auckland sets its clocks back, in March Los Angeles sets them on: a week stays seven days."""
    far.clock.now = datetime(2027, 3, 1, 9, tzinfo=zone).astimezone(UTC)
    far.open_forms()
    client_id = far.client_of(ANA)
    days = [date(2027, 3, 3) + timedelta(weeks=n) for n in range(7)]
    for day in days:
        far.hold(far.book(client_id, at=f"{day}T{HOURS[zone.key]}"))
        far.fill_in(client_id, **GOOD)

    rows = csv.DictReader(
        io.StringIO(far.ask("feedback", ANA, "GET", "/v1/exports/check-ins.csv?reason=care").get_data(as_text=True))
    )
    found = sorted({(row["session_date"], int(row["day"])) for row in rows})
    assert found == [(str(day), 7 * n) for n, day in enumerate(days)]
