"""Turns a story takes between two steps: a consent withdrawn, another therapist, an end, an undone tick, two clicks."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from werkzeug.test import Client, TestResponse

from shared.ids import uuid7
from tests.cast import ANA, BEN, DANA, LEAD
from tests.clinic import Clinic, hidden_fields

GOOD = {"b1": 8, "g1": 8, "t1": 8, "e1": 8, "r1": "no", "s1": "now"}
STRAIN = {"b1": 5, "g1": 5, "t1": 5, "e1": 5, "r1": "yes", "s1": "now"}


def at_once(*things: Callable[[], TestResponse]) -> list[TestResponse]:
    """Do things in as many threads, let loose together."""
    ready = threading.Barrier(len(things))

    def run(thing: Callable[[], TestResponse]) -> TestResponse:
        ready.wait(5)
        return thing()

    with ThreadPoolExecutor(len(things)) as threads:
        return list(threads.map(run, things))


def put_form(clinic: Clinic, handle: str, answers: dict[str, Any], *, submit: bool) -> TestResponse:
    """What the check-in app sends, whatever comes back."""
    token = clinic.house.checkin_signer.token(
        audience="feedback", actor=None, roles=["checkin"], purpose="check-in", now=clinic.clock()
    )
    return Client(clinic.house.floors["feedback"].app).put(
        "/v1/forms/current",
        json={"answers": answers, "submit": submit},
        headers={"Authorization": f"Bearer {token}", "X-Form-Handle": handle},
    )


def exchange(clinic: Clinic, token: str) -> TestResponse:
    bearer = clinic.house.checkin_signer.token(
        audience="feedback", actor=None, roles=["checkin"], purpose="check-in", now=clinic.clock()
    )
    return Client(clinic.house.floors["feedback"].app).post(
        "/v1/forms/exchange", json={"token": token}, headers={"Authorization": f"Bearer {bearer}"}
    )


def link_for(clinic: Clinic, client_id: Any) -> Any:
    return clinic.api("feedback", DANA, "POST", f"/v1/offers/{clinic.offer(client_id)['id']}/link", {})


def test_a_consent_withdrawn_before_the_link_is_made_closes_the_form(clinic: Clinic) -> None:
    clinic.open_forms()
    client_id = clinic.client_of(ANA)
    clinic.hold(clinic.book(client_id))
    offer = clinic.offer(client_id)

    clinic.consent(client_id, "feedback_forms", given=False)
    clinic.settle()

    assert clinic.ask("feedback", DANA, "POST", f"/v1/offers/{offer['id']}/link", {}).status_code == 409


def test_a_consent_withdrawn_while_the_form_is_open_lets_nothing_more_in_and_keeps_no_draft(clinic: Clinic) -> None:
    clinic.open_forms()
    client_id = clinic.client_of(ANA)
    clinic.hold(clinic.book(client_id))
    handle = exchange(clinic, link_for(clinic, client_id)["token"]).get_json()["handle"]
    put_form(clinic, handle, {"b1": 3, "w1": "something private"}, submit=False)

    clinic.consent(client_id, "feedback_forms", given=False)
    clinic.settle()
    late = put_form(clinic, handle, GOOD, submit=True)

    assert (late.status_code, late.get_json()["state"], late.get_json()["answers"]) == (200, "expired", {})
    with clinic.house.floors["feedback"].database.transaction() as tx:
        assert tx.value("SELECT count(*) FROM draft") == 0
        assert tx.value("SELECT count(*) FROM checkin") == 0


def test_after_a_change_of_therapist_the_new_one_begins_afresh_and_the_old_hours_form_can_still_be_sent(
    clinic: Clinic,
) -> None:
    clinic.open_forms()
    client_id = clinic.client_of(ANA)
    clinic.hold(clinic.book(client_id))
    link = link_for(clinic, client_id)

    clinic.api("intake", DANA, "POST", f"/v1/clients/{client_id}/allocations", {"practitioner_id": str(BEN.id)})
    clinic.settle()
    handle = exchange(clinic, link["token"]).get_json()["handle"]
    sent = put_form(clinic, handle, GOOD, submit=True)

    assert sent.get_json()["state"] == "submitted"
    course = clinic.api("feedback", BEN, "GET", f"/v1/clients/{client_id}/course")
    assert (course["practitioner_id"], course["points"]) == (str(BEN.id), [])
    clinic.hold(clinic.book(client_id, BEN, at="2026-12-07T15:00"))
    clinic.fill_in(client_id, **GOOD)
    [point] = clinic.api("feedback", BEN, "GET", f"/v1/clients/{client_id}/course")["points"]
    assert point["session_number"] == 1


def test_a_therapy_that_ends_takes_its_open_episode_with_it_and_its_last_form_is_still_taken(clinic: Clinic) -> None:
    clinic.open_forms()
    client_id = clinic.client_of(ANA)
    clinic.hold(clinic.book(client_id))
    clinic.fill_in(client_id, **STRAIN)
    clinic.hold(clinic.book(client_id, at="2026-12-01T15:00"))
    link = link_for(clinic, client_id)
    version = clinic.api("intake", LEAD, "GET", f"/v1/clients/{client_id}")["version"]

    clinic.api("intake", LEAD, "POST", f"/v1/clients/{client_id}/ending", {"reason_code": "46"}, version=version)
    clinic.settle()
    [episode] = clinic.api("feedback", LEAD, "GET", f"/v1/clients/{client_id}/course")["episodes"]
    handle = exchange(clinic, link["token"]).get_json()["handle"]
    sent = put_form(clinic, handle, GOOD, submit=True)
    clinic.settle()

    assert episode["state"] == "unrepaired"
    assert sent.get_json()["state"] == "submitted"
    assert clinic.ask("feedback", ANA, "GET", f"/v1/clients/{client_id}/course").status_code == 404
    assert clinic.api("feedback", LEAD, "GET", f"/v1/clients/{client_id}/course")["points"][1]["client_total"] == 80


def test_an_hour_ticked_by_mistake_leaves_the_course_with_its_answers_and_comes_back_with_them(clinic: Clinic) -> None:
    clinic.open_forms()
    client_id = clinic.client_of(ANA)
    held = clinic.hold(clinic.book(client_id))
    clinic.fill_in(client_id, **STRAIN, w1="a wish of hers")

    undone = clinic.api("scheduling", DANA, "POST", f"/v1/appointments/{held['id']}/undo", {}, version=held["version"])
    clinic.settle()
    without = clinic.api("feedback", ANA, "GET", f"/v1/clients/{client_id}/course")
    clinic.hold(undone)
    again = clinic.api("feedback", ANA, "GET", f"/v1/clients/{client_id}/course")

    assert without["points"] == []
    assert all(episode["closed_at"] for episode in without["episodes"])
    assert without["wish"]["text"] == "a wish of hers"  # she wrote it, whatever the desk ticked
    assert [point["client_total"] for point in again["points"]] == [50]
    assert again["wish"]["text"] == "a wish of hers"
    assert sum(1 for e in again["episodes"] if e["closed_at"] is None) == 1
    assert (
        clinic.api("feedback", DANA, "GET", f"/v1/offers?client_id={client_id}&side=client&state=open")["items"] == []
    )


def test_a_link_opens_one_form_once_even_if_two_follow_it_together(clinic: Clinic) -> None:
    clinic.open_forms()
    client_id = clinic.client_of(ANA)
    clinic.hold(clinic.book(client_id))
    link = link_for(clinic, client_id)

    codes = sorted(a.status_code for a in at_once(*[lambda: exchange(clinic, link["token"])] * 3))

    assert codes == [200, 410, 410]


def test_two_browsers_that_send_the_same_form_together_are_one_check_in(clinic: Clinic) -> None:
    clinic.open_forms()
    client_id = clinic.client_of(ANA)
    clinic.hold(clinic.book(client_id))
    handle = exchange(clinic, link_for(clinic, client_id)["token"]).get_json()["handle"]

    answers = at_once(*[lambda: put_form(clinic, handle, GOOD, submit=True)] * 3)
    clinic.settle()

    assert {a.status_code for a in answers} == {200}
    assert {a.get_json()["state"] for a in answers} == {"submitted"}
    with clinic.house.floors["feedback"].database.transaction() as tx:
        assert tx.value("SELECT count(*) FROM checkin") == 1
        assert tx.value("SELECT count(*) FROM outbox_archive WHERE type LIKE '%%checkin.recorded.v1'") == 1


def test_a_link_for_a_form_whose_time_is_over_opens_nothing(clinic: Clinic) -> None:
    clinic.open_forms()
    client_id = clinic.client_of(ANA)
    clinic.hold(clinic.book(client_id))
    link, offer = link_for(clinic, client_id), clinic.offer(client_id)
    clinic.clock.move(hours=73)  # nobody has noted it yet

    assert exchange(clinic, link["token"]).status_code == 410
    assert clinic.ask("feedback", DANA, "POST", f"/v1/offers/{offer['id']}/link", {}).status_code == 409
    clinic.settle()
    assert exchange(clinic, link["token"]).status_code == 410


def test_a_form_sent_twice_by_two_members_of_staff_books_one_hour(clinic: Clinic) -> None:
    client_id = clinic.client_of(ANA)
    one, two = clinic.signed_in(DANA), clinic.signed_in(LEAD)
    page = one.get(f"/people/{client_id}/book").get_data(as_text=True)
    assert hidden_fields(page)["form_token"]
    body = {
        "client_id": str(client_id),
        "practitioner_id": str(ANA.id),
        "type_code": "individual",
        "modality": "in_person",
        "local_start": "2026-11-30T15:00",
        "minutes": 50,
    }

    answers = at_once(
        lambda: clinic.ask("scheduling", DANA, "POST", "/v1/appointments", body),
        lambda: clinic.ask("scheduling", LEAD, "POST", "/v1/appointments", body),
    )

    assert sorted(a.status_code for a in answers) == [201, 409]
    assert two.get("/today").status_code == 200


def test_the_same_command_sent_twice_has_one_effect_and_one_answer(clinic: Clinic) -> None:
    client_id, key = clinic.client_of(ANA), str(uuid7())
    body = {
        "client_id": str(client_id),
        "practitioner_id": str(ANA.id),
        "type_code": "individual",
        "modality": "in_person",
        "local_start": "2026-11-30T15:00",
        "minutes": 50,
    }

    first = clinic.ask("scheduling", DANA, "POST", "/v1/appointments", body, key=key)
    second = clinic.ask("scheduling", DANA, "POST", "/v1/appointments", body, key=key)
    other = clinic.ask("scheduling", DANA, "POST", "/v1/appointments", body | {"minutes": 55}, key=key)

    assert (first.status_code, second.status_code, other.status_code) == (201, 201, 422)
    assert first.data == second.data
    assert second.headers["Idempotency-Replayed"] == "true"
    with clinic.house.floors["scheduling"].database.transaction() as tx:
        assert tx.value("SELECT count(*) FROM appointment") == 1


def test_the_same_command_sent_at_once_from_two_threads_has_one_effect(clinic: Clinic) -> None:
    clinic.open_forms()
    client_id = clinic.client_of(ANA)
    clinic.hold(clinic.book(client_id))
    offer, mirror = clinic.offer(client_id), clinic.offer(client_id, "therapist", by=ANA)
    commands: list[tuple[str, Any, str, Any]] = [
        (
            "intake",
            DANA,
            "/v1/referrals",
            {"client": {"given_name": "A", "family_name": "B", "birth_date": "1990-01-01"}, "source": "B1"},
        ),
        (
            "intake",
            DANA,
            f"/v1/clients/{client_id}/consents",
            {"purpose": "research", "given": True, "text_version": "1"},
        ),
        ("intake", DANA, f"/v1/clients/{client_id}/allocations", {"practitioner_id": str(BEN.id)}),
        ("feedback", DANA, f"/v1/offers/{offer['id']}/link", {}),
        ("feedback", ANA, f"/v1/offers/{mirror['id']}/answers", {"answers": {"t_b1": 5, "t_g1": 5}}),
    ]
    for service, staff, path, body in commands:
        key = str(uuid7())

        answers = at_once(*[partial(clinic.ask, service, staff, "POST", path, body, key=key)] * 2)
        codes = sorted(a.status_code for a in answers)
        last = clinic.ask(service, staff, "POST", path, body, key=key)

        assert codes in ([201, 201], [201, 409]), (path, [a.get_data(as_text=True) for a in answers])
        assert last.status_code == 201, path
        assert {a.data for a in answers if a.status_code == 201} == {last.data}
    with clinic.house.floors["intake"].database.transaction() as tx:
        assert tx.value("SELECT count(*) FROM referral") == 2
        assert tx.value("SELECT count(*) FROM consent WHERE purpose = 'research'") == 1
