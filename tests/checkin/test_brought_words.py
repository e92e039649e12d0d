"""Licensed forms in words that a clinic brought: the licence line on every page, places on a line without marks."""

from typing import Any

from tests.cast import ANA, CHRIS
from tests.checkin.conftest import Desk, Phone
from tests.collecting import booked_today, offers_before, plan_to_ask

LICENCE = "\u00a9 CORE System Trust"


def brought(desk: Desk, measure_id: str, items: dict[str, dict[str, Any]], **more: Any) -> None:
    """Words of our own, in the shape of the measure; none of them is any instrument's."""
    words = {"title": "Test words", "stem": "A stem of our own", "items": items, "context": "clinical"}
    body = words | {"licence_held": True, "commercial_confirmed": True} | more
    desk.clinic.api("feedback", CHRIS, "PUT", f"/v1/measures/{measure_id}/wordings/en", body)
    plan_to_ask(desk.clinic, measure_id)
    booked_today(desk.clinic, desk.client_id, at="2026-12-01T09:00")


def opened(desk: Desk, phone: Phone) -> str:
    offer = offers_before(desk.clinic, desk.client_id)[0]
    token = desk.clinic.api("feedback", ANA, "POST", f"/v1/offers/{offer['id']}/link", {})["token"]
    return phone.begin(token).text


def test_the_licence_line_is_on_every_page_of_the_form(desk: Desk, phone: Phone) -> None:
    items = {f"q{number}": {"text": f"Question {number} of our own <b>"} for number in range(1, 11)}
    answers = {str(number): f"answer {number}" for number in range(5)}
    brought(desk, "core-10", items, answers=answers)

    pages = [opened(desk, phone), phone.get("/form/1").text, phone.get("/form/10").text, phone.get("/form/review").text]

    assert all(LICENCE in page for page in pages)
    assert all("<b>" not in page for page in pages), "brought words are words, never markup"
    assert "A stem of our own" in pages[1]
    assert "answer 4" in pages[1]


def test_a_line_is_answered_by_a_number_where_no_script_runs(desk: Desk, phone: Phone) -> None:
    lines = {
        f"q{number}": {"text": f"Line {number}", "low_label": "low", "high_label": "high"} for number in range(1, 5)
    }
    brought(desk, "ors", lines)
    opened(desk, phone)

    first = phone.get("/form/1").text
    assert 'inputmode="decimal"' in first
    assert "A number from 0 (low) to 10 (high)" in first
    assert 'type="range"' not in first, "the line is drawn by a script, without a mark"
    for wrong in ("10.1", "3.75", "abc", ""):
        refused = phone.answer(1, q1=wrong)
        assert refused.status_code == 422
        assert "Touch the line, or enter a number from 0 to 10" in refused.text
    for number in range(1, 5):
        phone.answer(number, **{f"q{number}": "3,7"})

    assert "3.7 of 10" in phone.get("/form/review").text
    assert "Thank you." in phone.post("/form/review").text
    offers = desk.clinic.api("feedback", ANA, "GET", f"/v1/offers?client_id={desk.client_id}&side=client")["items"]
    sent = next(offer for offer in offers if offer["measure_id"] == "ors")
    assert desk.clinic.api("feedback", ANA, "GET", f"/v1/check-ins/{sent['id']}")["total"] == 14.8
