"""A clock that is put right, and days on which the clocks change: nothing is lost, nothing changes its order."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.cast import ANA, BEN, DANA, NOOR
from tests.clinic import Clinic

GOOD = {"b1": 8, "g1": 8, "t1": 8, "e1": 8, "r1": "no", "s1": "now"}


def test_a_consent_withdrawn_after_the_clock_went_back_is_withdrawn(clinic: Clinic) -> None:
    clinic.open_forms()
    client_id = clinic.client_of(ANA)
    hour = clinic.book(client_id)
    clinic.clock.move(days=-1)

    clinic.consent(client_id, "feedback_forms", given=False)
    clinic.settle()
    clinic.hold(hour)

    assert clinic.api("feedback", DANA, "GET", f"/v1/offers?client_id={client_id}")["items"] == []


def test_a_change_of_therapist_after_the_clock_went_back_closes_the_file_to_the_one_before(clinic: Clinic) -> None:
    client_id = clinic.client_of(ANA)
    clinic.clock.move(days=-1)

    clinic.api("intake", DANA, "POST", f"/v1/clients/{client_id}/allocations", {"practitioner_id": str(BEN.id)})
    clinic.settle()

    assert clinic.ask("feedback", ANA, "GET", f"/v1/clients/{client_id}/course").status_code == 404
    assert clinic.ask("feedback", BEN, "GET", f"/v1/clients/{client_id}/course").status_code == 200
    assert clinic.book(client_id, BEN)["practitioner_id"] == str(BEN.id)


def test_offers_run_out_and_answers_are_shown_although_the_clock_was_once_a_year_ahead(clinic: Clinic) -> None:
    clinic.open_forms()
    client_id = clinic.client_of(ANA)
    right = clinic.clock.now
    clinic.clock.move(days=365)
    clinic.settle()
    clinic.clock.now = right
    clinic.hold(clinic.book(client_id))

    clinic.clock.move(hours=73)
    clinic.settle()

    [offer, _] = clinic.api("feedback", DANA, "GET", f"/v1/offers?client_id={client_id}")["items"]
    assert offer["state"] == "unanswered"


def test_sessions_are_read_in_the_order_in_which_they_took_place_whenever_they_were_ticked(clinic: Clinic) -> None:
    clinic.open_forms()
    client_id = clinic.client_of(ANA)
    first, second = clinic.book(client_id, at="2026-11-30T15:00"), clinic.book(client_id, at="2026-12-01T15:00")

    clinic.hold(second)
    clinic.fill_in(client_id, **GOOD)
    clinic.clock.move(hours=-6)
    clinic.hold(first)
    clinic.clock.now = datetime.fromisoformat(second["ends_at"]) - timedelta(hours=3)
    clinic.settle()

    points = clinic.api("feedback", ANA, "GET", f"/v1/clients/{client_id}/course")["points"]
    assert [point["appointment_id"] for point in points] == [first["id"], second["id"]]
    assert [point["session_number"] for point in points] == [1, 2]


@pytest.mark.parametrize(
    ("at", "starts_at"),
    [
        ("2027-03-28T01:30", "2027-03-28T01:30:00+00:00"),  # does not exist in London: one hour later by the clock
        ("2026-10-25T01:30", None),  # long over
        ("2027-10-31T01:30", "2027-10-31T00:30:00+00:00"),  # occurs twice: the first of the two
    ],
)
def test_an_hour_on_the_day_the_clocks_change_is_booked_held_and_read(
    clinic: Clinic, at: str, starts_at: str | None
) -> None:
    clinic.open_forms()
    client_id = clinic.client_of(ANA, NOOR)
    if starts_at is None:
        body = {
            "client_id": str(client_id),
            "practitioner_id": str(ANA.id),
            "type_code": "individual",
            "modality": "phone",
            "local_start": at,
            "minutes": 50,
        }
        assert clinic.ask("scheduling", DANA, "POST", "/v1/appointments", body).status_code == 422
        return

    hour = clinic.book(client_id, at=at)
    clinic.hold(hour)
    clinic.fill_in(client_id, **GOOD)

    assert datetime.fromisoformat(hour["starts_at"]) == datetime.fromisoformat(starts_at).astimezone(UTC)
    [point] = clinic.api("feedback", ANA, "GET", f"/v1/clients/{client_id}/course")["points"]
    assert point["client_total"] == 80
