"""Reminders: one for a packet, by day, seldom, and never when the clinic or the client does not want them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feedback.collection.domain.reminders import (
    MOST_IN_WINDOW,
    NOT_BEFORE,
    NOT_IN_THE_LAST,
    WINDOW,
    reminder_due,
)
from services.feedback.jobs import remind_clients
from tests.cast import DANA
from tests.feedback.practice import Caller, Practice

Speak = Callable[..., Caller]
OFFERED = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def due(now: datetime, *earlier: datetime, zone: str = "Europe/London") -> bool:
    ends = OFFERED + timedelta(hours=72)
    return reminder_due(offered_at=OFFERED, expires_at=ends, earlier=earlier, zone=ZoneInfo(zone), now=now)


@pytest.mark.parametrize(
    ("hours", "expected"),
    [(23.9, False), (24, True), (33.9, True), (34, False), (47.9, False), (48, True), (59.9, False), (60, False)],
)
def test_from_the_second_day_on_by_day_and_not_at_the_last_moment(hours: float, expected: bool) -> None:
    assert due(OFFERED + timedelta(hours=hours)) is expected


def test_the_day_is_the_clinics_own() -> None:
    morning_in_sydney = OFFERED + timedelta(hours=38)

    assert due(morning_in_sydney, zone="Australia/Sydney")
    assert not due(morning_in_sydney)


@given(minutes=st.integers(0, 4 * 24 * 60), ago=st.lists(st.integers(0, 30)))
def test_no_limit_is_ever_passed(minutes: int, ago: list[int]) -> None:
    now = OFFERED + timedelta(minutes=minutes)
    earlier = [now - timedelta(days=days) for days in ago]

    if due(now, *earlier):
        assert OFFERED + NOT_BEFORE <= now < OFFERED + timedelta(hours=72) - NOT_IN_THE_LAST
        assert 9 <= now.hour < 19  # London in winter
        assert sum(now - at < WINDOW for at in earlier) < MOST_IN_WINDOW


def listed(call: Speak) -> list[str]:
    items = call("front_desk", actor=DANA.id).get("/v1/offers", reminder="due").get_json()["items"]
    return [item["id"] for item in items]


@pytest.fixture
def offer_id(practice: Practice) -> UUID:
    """Offered a day and an hour ago."""
    found = practice.offer(practice.hold(practice.client())).id
    practice.clock.move(hours=25)
    return found


def test_a_reminder_becomes_due_once_and_the_desk_says_when_it_is_done(
    practice: Practice, call: Speak, offer_id: UUID
) -> None:
    practice.run(remind_clients)
    practice.run(remind_clients)

    assert listed(call) == [str(offer_id)]
    assert practice.kinds().count("checkin.reminder_due") == 1
    path = f"/v1/offers/{offer_id}/reminder"
    assert call("front_desk", actor=DANA.id).post(path, {}).status_code == 201
    assert call("front_desk", actor=DANA.id).post(path, {}).status_code == 409
    practice.clock.move(hours=24)
    practice.run(remind_clients)
    assert listed(call) == []
    assert practice.kinds().count("checkin.reminder_due") == 1


def test_nobody_is_reminded_after_a_withdrawal(practice: Practice, call: Speak, offer_id: UUID) -> None:
    client_id = practice.row("SELECT client_id FROM offer LIMIT 1")["client_id"]
    practice.run(remind_clients)

    practice.consent(client_id, "withdrawn")

    assert listed(call) == []
    assert call("front_desk").post(f"/v1/offers/{offer_id}/reminder", {}).status_code == 409


def test_a_clinic_may_switch_reminders_off(practice: Practice, call: Speak, offer_id: UUID) -> None:
    practice.plan(reminders=False)

    practice.run(remind_clients)

    assert listed(call) == []


def test_at_most_two_reminders_in_a_fortnight(practice: Practice) -> None:
    client_id = practice.client()
    for _ in range(4):
        practice.hold(client_id)
        practice.clock.move(hours=25)
        practice.run(remind_clients)
        practice.clock.move(days=-4, hours=-1)

    assert practice.kinds().count("checkin.reminder_due") == 2


def test_the_therapists_own_form_is_nothing_to_remind_a_client_of(practice: Practice, offer_id: UUID) -> None:
    practice.run(remind_clients)

    assert practice.row("SELECT side FROM offer WHERE reminder IS NOT NULL")["side"] == "client"
