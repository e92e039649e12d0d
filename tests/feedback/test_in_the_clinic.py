"""Feedback among the others: from a referral to the therapist's page, through real events."""

from tests.cast import ANA, BEN, LEAD
from tests.clinic import Clinic
from tests.feedback.practice import marks


def test_a_session_held_becomes_a_reading_on_the_therapists_list(clinic: Clinic) -> None:
    clinic.open_forms()
    client_id = clinic.client_of(ANA)
    clinic.hold(clinic.book(client_id))

    sent = clinic.fill_in(client_id, **marks(74), r1="a_little", r2="mentioned", s1="now")

    assert sent["state"] == "submitted"
    case = clinic.api("feedback", ANA, "GET", "/v1/caseload")["items"][0]
    assert (case["client_id"], case["state"], case["template"]) == (str(client_id), "strained", "strained_said_so")
    assert clinic.api("feedback", LEAD, "GET", "/v1/caseload")["items"][0]["client_id"] == str(client_id)
    assert clinic.ask("feedback", BEN, "GET", f"/v1/clients/{client_id}/course").status_code == 404
