"""What is half filled in belongs to the browser in which it was begun; every other begins with nothing."""

from collections.abc import Callable
from importlib.resources import files
from typing import Any
from uuid import UUID

import pytest

from services.feedback.collection.domain.plan import PlanEntry
from services.feedback.jobs import end_overdue_offers
from tests.cast import DANA
from tests.feedback.practice import Caller, Practice, marks

Speak = Callable[..., Caller]
HALF: dict[str, Any] = {"b1": 3, "w1": "Canarywish", "w1_readers": "therapist"}
TRACES = ("Canarywish", '"b1":3', '"b1": 3', '"w1_readers":')


@pytest.fixture
def offer_id(practice: Practice) -> UUID:
    return practice.offer(practice.hold(practice.client())).id


def link(call: Speak, offer_id: UUID) -> str:
    made = call("front_desk", actor=DANA.id).post(f"/v1/offers/{offer_id}/link", {})
    assert made.status_code == 201, made.get_json()
    return str(made.get_json()["token"])


def by_link(call: Speak, offer_id: UUID, *, handle: str = "") -> str:
    """Open the form by a new link, in a browser that may have a form open already."""
    opened = call("checkin").post("/v1/forms/exchange", {"token": link(call, offer_id)}, handle=handle)
    assert opened.status_code == 200, opened.get_json()
    return str(opened.get_json()["handle"])


def by_code(call: Speak, offer_id: UUID) -> str:
    """Open the form on a tablet of the clinic."""
    tablet = call("manager").post("/v1/kiosks", {"label": "Waiting room"}).get_json()["token"]
    code = call("front_desk", actor=DANA.id).post(f"/v1/offers/{offer_id}/code", {}).get_json()["code"]
    opened = call("checkin").post("/v1/forms/kiosk-exchange", {"kiosk": tablet, "code": code})
    assert opened.status_code == 200, opened.get_json()
    return str(opened.get_json()["handle"])


def current(call: Speak, handle: str) -> Any:
    return call("checkin").get("/v1/forms/current", handle=handle)


def keep(call: Speak, handle: str, *, submit: bool = False, measure_id: str | None = None, **answers: Any) -> Any:
    body = {"answers": answers, "submit": submit} | ({"measure_id": measure_id} if measure_id else {})
    kept = call("checkin").put("/v1/forms/current", body, handle=handle)
    assert kept.status_code == 200, kept.get_json()
    return kept.get_json()


@pytest.mark.parametrize("opens", [by_link, by_code])
def test_whoever_opens_a_form_anew_is_told_nothing_of_what_another_began(
    call: Speak, offer_id: UUID, opens: Callable[[Speak, UUID], str]
) -> None:
    began = by_link(call, offer_id)
    keep(call, began, **HALF)

    other = opens(call, offer_id)

    told = current(call, other)
    assert (told.get_json()["state"], told.get_json()["answers"]) == ("open", {})
    assert not [trace for trace in TRACES if trace in told.get_data(as_text=True)]
    assert keep(call, other, b1=9)["answers"] == {"b1": 9}


@pytest.mark.parametrize("opens", [by_link, by_code])
def test_what_was_begun_goes_on_untouched_by_whoever_else_begins(
    call: Speak, offer_id: UUID, opens: Callable[[Speak, UUID], str]
) -> None:
    began = by_link(call, offer_id)
    keep(call, began, **HALF)

    keep(call, opens(call, offer_id), b1=9)

    assert current(call, began).get_json()["answers"] == HALF
    assert keep(call, began, submit=True, **HALF, s1="not")["state"] == "submitted"


@pytest.mark.parametrize("first", [0, 1])
def test_the_first_to_send_answers_the_form_and_the_other_is_told(
    practice: Practice, call: Speak, offer_id: UUID, first: int
) -> None:
    both = [by_link(call, offer_id), by_code(call, offer_id)]
    sends, comes_late = both[first], both[1 - first]
    keep(call, comes_late, **HALF)

    keep(call, sends, submit=True, **marks(74), s1="now")
    late = keep(call, comes_late, submit=True, **marks(20), s1="not")

    assert (late["state"], late["form"], late["answers"]) == ("submitted", None, {})
    assert [row["total"] for row in practice.rows("SELECT total FROM checkin")] == [74.0]
    assert practice.rows("SELECT * FROM wish") == []


def test_with_the_sending_what_any_browser_began_is_gone(practice: Practice, call: Speak, offer_id: UUID) -> None:
    keep(call, by_link(call, offer_id), **HALF)
    keep(call, by_code(call, offer_id), b1=1)
    assert len(practice.rows("SELECT * FROM draft")) == 2

    keep(call, by_link(call, offer_id), submit=True, **marks(74), s1="now")

    assert practice.rows("SELECT * FROM draft") == []


@pytest.mark.parametrize("end", ["runs out", "consent", "desk"])
def test_when_an_offer_ends_what_any_browser_began_is_gone(
    practice: Practice, call: Speak, offer_id: UUID, end: str
) -> None:
    keep(call, by_link(call, offer_id), **HALF)
    keep(call, by_link(call, offer_id), b1=1)

    if end == "runs out":
        practice.clock.move(days=3)
        practice.run(end_overdue_offers)
    elif end == "consent":
        practice.consent(practice.row("SELECT client_id FROM offer WHERE id = %s", offer_id)["client_id"], "withdrawn")
    else:
        path = f"/v1/offers/{offer_id}/missing"
        assert call("front_desk", actor=DANA.id).post(path, {"reason": "declined"}).status_code == 201

    assert practice.rows("SELECT * FROM draft") == []


def test_a_new_link_in_the_browser_that_began_goes_on_with_it(call: Speak, offer_id: UUID) -> None:
    began = by_link(call, offer_id)
    keep(call, began, **HALF)

    again = by_link(call, offer_id, handle=began)

    assert again != began
    assert current(call, again).get_json()["answers"] == HALF


def test_another_form_of_the_client_in_between_loses_nothing(practice: Practice, call: Speak, offer_id: UUID) -> None:
    client_id = practice.row("SELECT client_id FROM offer WHERE id = %s", offer_id)["client_id"]
    practice.plan(PlanEntry("phq-9"))
    hour = practice.book(client_id, hours=2)
    other_id = practice.offer(hour["appointment_id"], measure_id="phq-9").id
    began = by_link(call, offer_id)
    keep(call, began, **HALF)

    between = by_link(call, other_id, handle=began)
    assert current(call, between).get_json()["answers"] == {}
    keep(call, between, q1=1)

    assert current(call, by_link(call, offer_id, handle=between)).get_json()["answers"] == HALF


def test_two_people_at_one_browser_are_two(practice: Practice, call: Speak, offer_id: UUID) -> None:
    practice.plan(PlanEntry("phq-9"))
    hour = practice.book(practice.client(), hours=2)
    somebody_elses = practice.offer(hour["appointment_id"], measure_id="phq-9").id
    began = by_link(call, offer_id)
    keep(call, began, **HALF)

    theirs = by_link(call, somebody_elses, handle=began)
    keep(call, theirs, q1=1)

    assert current(call, by_link(call, offer_id, handle=theirs)).get_json()["answers"] == {}
    browsers = practice.rows("SELECT DISTINCT browser_id FROM link")
    assert len(browsers) == 3, "nothing kept says that they share a browser"


@pytest.mark.parametrize("handle", ["", "A" * 22, "x" * 200, "\u00e9"])
def test_no_guess_at_the_secret_brings_back_what_was_begun(call: Speak, offer_id: UUID, handle: str) -> None:
    keep(call, by_link(call, offer_id), **HALF)

    other = by_link(call, offer_id, handle=handle)

    assert current(call, other).get_json()["answers"] == {}


def test_staff_are_never_told_what_was_begun_whatever_they_hold(call: Speak, offer_id: UUID) -> None:
    began = by_link(call, offer_id)
    keep(call, began, **HALF)

    for role in ("front_desk", "therapist", "clinical_lead", "manager"):
        asked = call(role).get("/v1/forms/current", handle=began)
        assert asked.status_code == 403
        assert "Canarywish" not in asked.get_data(as_text=True)


def test_a_link_that_was_used_tells_another_browser_nothing(call: Speak, offer_id: UUID) -> None:
    token = link(call, offer_id)
    began = call("checkin").post("/v1/forms/exchange", {"token": token}).get_json()["handle"]
    keep(call, began, **HALF)

    refused = call("checkin").post("/v1/forms/exchange", {"token": token})

    assert (refused.status_code, "handle" in refused.get_json()) == (410, False)


def test_the_secret_is_kept_as_a_hash_and_what_was_begun_is_sealed(
    practice: Practice, call: Speak, offer_id: UUID
) -> None:
    began = by_link(call, offer_id)
    keep(call, began, **HALF)

    [kept] = practice.rows("SELECT d::text || l::text AS all FROM draft d JOIN link l ON l.browser_id = d.browser_id")
    assert len(began) >= 22, "128 bits"
    assert began not in kept["all"]
    assert "Canarywish" not in kept["all"]


def test_what_one_browser_sent_is_not_told_to_another_that_goes_on_with_the_next_form(
    practice: Practice, call: Speak
) -> None:
    practice.plan(PlanEntry("phq-9"), PlanEntry("gad-7"))
    hour = practice.book(practice.client(), hours=2)
    offer_id = practice.offer(hour["appointment_id"], measure_id="phq-9").id
    began = by_link(call, offer_id)
    asked_for_help = keep(call, began, measure_id="phq-9", submit=True, q9=1)
    gad_id = practice.offer(hour["appointment_id"], measure_id="gad-7").id

    other = current(call, by_link(call, gad_id)).get_json()

    assert asked_for_help["risk_answered"] is True
    assert (other["form"]["id"], other["position"]) == ("gad-7", {"number": 2, "of": 2})
    assert other["risk_answered"] is False
    assert current(call, began).get_json()["risk_answered"] is True


def test_the_choice_who_sees_it_is_told_to_the_browser_that_made_it(call: Speak, offer_id: UUID) -> None:
    began, other = by_link(call, offer_id), by_link(call, offer_id)

    keep(call, began, submit=True, **marks(74), s1="not")

    assert current(call, began).get_json()["sharing"] == "not"
    told = current(call, other).get_json()
    assert (told["state"], told["sharing"]) == ("submitted", None)


def test_what_was_begun_before_browsers_were_told_apart_is_nobodys(
    practice: Practice, call: Speak, offer_id: UUID
) -> None:
    began = by_link(call, offer_id)
    keep(call, began, **HALF)
    script = files("services.feedback.migrations").joinpath("0010_drafts.sql").read_text()

    with practice.database.transaction() as tx:
        tx.execute(next(line for line in script.split(";") if "DELETE FROM draft" in line))

    assert current(call, began).get_json()["answers"] == {}


def add(call: Speak, handle: str, *, submit: bool = False, **answers: Any) -> Any:
    body = {"answers": answers, "submit": submit, "merge": True}
    kept = call("checkin").put("/v1/forms/current", body, handle=handle)
    assert kept.status_code == 200, kept.get_json()
    return kept.get_json()


def test_an_answer_to_one_question_leaves_the_others_as_they_are(call: Speak, offer_id: UUID) -> None:
    handle = by_link(call, offer_id)
    keep(call, handle, b1=3, g1=4)

    assert add(call, handle, b1=5)["answers"] == {"b1": 5, "g1": 4}
    assert add(call, handle, g1=None)["answers"] == {"b1": 5}
    assert current(call, handle).get_json()["answers"] == {"b1": 5}


def test_an_answer_that_a_later_one_hides_is_left_out(call: Speak, offer_id: UUID) -> None:
    handle = by_link(call, offer_id)
    add(call, handle, r1="yes")
    add(call, handle, r2="better")

    assert add(call, handle, r1="no")["answers"] == {"r1": "no"}


def test_answers_are_added_to_what_their_own_browser_began_alone(call: Speak, offer_id: UUID) -> None:
    theirs, other = by_link(call, offer_id), by_link(call, offer_id)
    keep(call, theirs, **HALF)

    assert add(call, other, b1=9)["answers"] == {"b1": 9}
    assert current(call, theirs).get_json()["answers"]["b1"] == 3


def test_a_form_is_sent_with_what_was_filled_in_before(call: Speak, offer_id: UUID) -> None:
    handle = by_link(call, offer_id)
    add(call, handle, b1=3)

    assert add(call, handle, submit=True, s1="now")["state"] == "submitted"
    assert call("therapist").get(f"/v1/check-ins/{offer_id}").get_json()["answers"]["b1"] == 3
