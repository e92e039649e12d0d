"""A colleague's client does not exist: same status, same words, same headers as for an id that nobody has."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from tests.architecture.doors import NOBODYS_ID, Door, doors, knock, token
from tests.cast import ANA, BEN, LEAD
from tests.clinic import Clinic

BODIES: dict[str, Any] = {
    "acceptance": {"consents": [{"purpose": "care_record", "given": True, "text_version": "1"}]},
    "decline": {"reason_code": "10"},
    "allocations": {"practitioner_id": str(BEN.id)},
    "consents": {"purpose": "research", "given": True, "text_version": "1"},
    "ending": {"reason_code": "46"},
    "status": {"to": "no_show"},
    "undo": {},
    "move": {"local_start": "2026-12-07T10:00"},
    "cancellation": {"by": "clinic"},
    "restart": {"reason": "change_of_delivery"},
    "conversation": {"held_on": "2026-11-30"},
    "closing": {"reason": "other"},
    "notes": {"tried": ["asked_openly"]},
    "withdrawal": {},
    "reach-out": {"kind": "not_now", "reason": "other"},
    "link": {},
    "answers": {"answers": {"t_b1": 5}},
    "missing": {"reason": "declined"},
    "release": {},
    "code": {},
    "reminder": {},
    "plan": {"added": [], "left_out": []},
    "check-ins": {
        "appointment_id": NOBODYS_ID,
        "measure_id": "phq-9",
        "measure_version": 1,
        "channel": "paper",
        "answers": {"q1": 1},
    },
    "corrections": {"answers": {"t_b1": 5}, "reason": "typing_error"},
    "withdrawals": {"reason": "wrong_client"},
    "acknowledgement": {"outcome": "spoken_with_client"},
}
# What some questions have to say besides.
QUERIES: dict[str, dict[str, str]] = {"fhir": {"reason": "care"}, "copy": {"reason": "care"}}
TELLING = {"X-Request-Id", "Date"}  # of the request itself, never of what it was about


@pytest.fixture
def anas(clinic: Clinic) -> dict[str, object]:
    """Everything that has an id about one client of Ana's: hours, a series, forms, a rupture."""
    clinic.open_forms()
    client_id = clinic.client_of(ANA)
    held = clinic.hold(clinic.book(client_id))
    clinic.fill_in(client_id, b1=5, g1=5, t1=5, e1=5, r1="yes", s1="now")
    weekly = {
        "client_id": str(client_id),
        "practitioner_id": str(ANA.id),
        "type_code": "individual",
        "modality": "video",
        "local_start": "2026-12-07T15:00",
        "minutes": 50,
        "weeks": 3,
    }
    series = clinic.api("scheduling", ANA, "POST", "/v1/series", weekly)
    clinic.settle()
    [referral] = clinic.api("intake", LEAD, "GET", "/v1/referrals")["items"]
    episodes = clinic.api("feedback", ANA, "GET", f"/v1/clients/{client_id}/course")["episodes"]
    return {
        "client_id": client_id,
        "subject_id": client_id,
        "appointment_id": held["id"],
        "series_id": series["id"],
        "offer_id": clinic.offer(client_id, "therapist", by=ANA)["id"],
        "episode_id": episodes[0]["id"],
        "referral_id": referral["id"],
    }


def with_ids(clinic: Clinic) -> list[Door]:
    return [d for d in doors(clinic) if "<uuid:" in d.rule and "therapist" in d.permits and "deputies" not in d.rule]


def query_for(door: Door) -> dict[str, str]:
    return QUERIES.get(door.rule.rpartition("/")[2], {})


def body_for(door: Door) -> Any:
    return BODIES[door.rule.rpartition("/")[2]] if door.method != "GET" else None


def test_a_colleagues_client_looks_like_nobody_on_every_route_with_an_id(
    clinic: Clinic, anas: dict[str, object]
) -> None:
    seen = 0
    for door in with_ids(clinic):
        bearer = token(clinic, door.service, "therapist", actor=BEN.id)
        hers = knock(clinic, door, bearer, body_for(door), query=query_for(door), **anas)
        nobodys = knock(clinic, door, bearer, body_for(door), query=query_for(door))

        assert hers.status_code == 404, (door.name, hers.get_data(as_text=True))
        assert nobodys.status_code == 404, door.name
        assert hers.get_json() | {"trace_id": ""} == nobodys.get_json() | {"trace_id": ""}, door.name
        assert [h for h in hers.headers if h[0] not in TELLING] == [h for h in nobodys.headers if h[0] not in TELLING]
        seen += 1
    assert seen >= 14


def test_the_clients_own_therapist_is_not_turned_away_by_these_ids(clinic: Clinic, anas: dict[str, object]) -> None:
    for door in with_ids(clinic):
        if door.method == "GET":
            bearer = token(clinic, door.service, "therapist", actor=ANA.id)
            answer = knock(clinic, door, bearer, None, query=query_for(door), **anas)

            assert answer.status_code == 200, door.name


def test_asking_about_a_colleagues_client_in_body_or_query_tells_no_more(
    clinic: Clinic, anas: dict[str, object]
) -> None:
    client_id = anas["client_id"]
    assert isinstance(client_id, UUID)

    def asked(service: str, method: str, path: str, body: Any = None) -> Any:
        answer = clinic.ask(service, BEN, method, path, body)
        return answer.status_code, (answer.get_json() or {}) | {"trace_id": ""}

    hour = {
        "practitioner_id": str(BEN.id),
        "type_code": "individual",
        "modality": "video",
        "local_start": "2026-12-01T10:00",
        "minutes": 50,
    }
    questions: tuple[Callable[[str], Any], ...] = (
        lambda who: asked("intake", "POST", "/v1/people/look-up", {"ids": [who]}),
        lambda who: asked("scheduling", "POST", "/v1/appointments", hour | {"client_id": who}),
        lambda who: asked("scheduling", "POST", "/v1/series", hour | {"client_id": who, "weeks": 2}),
        lambda who: asked("scheduling", "GET", f"/v1/appointments?client_id={who}"),
        lambda who: asked("scheduling", "GET", f"/v1/suggestions?client_id={who}&practitioner_id={BEN.id}"),
        lambda who: asked("feedback", "GET", f"/v1/offers?client_id={who}"),
    )
    for about in questions:
        assert about(str(client_id)) == about(NOBODYS_ID)
    [hers] = clinic.api("scheduling", BEN, "POST", "/v1/appointments/next", {"client_ids": [str(client_id)]})["items"]
    assert (hers["next"], hers["last"]) == (None, None)
    assert clinic.api("intake", BEN, "POST", "/v1/people/search", {"text": "Marahcanary"})["items"] == []
    assert clinic.api("feedback", BEN, "GET", f"/v1/caseload?practitioner_id={ANA.id}")["items"] == []


def test_a_therapist_who_is_no_longer_theirs_is_a_stranger_with_the_next_request(
    clinic: Clinic, anas: dict[str, object]
) -> None:
    client_id = anas["client_id"]

    clinic.api("intake", LEAD, "POST", f"/v1/clients/{client_id}/allocations", {"practitioner_id": str(BEN.id)})
    assert clinic.ask("intake", ANA, "GET", f"/v1/clients/{client_id}").status_code == 404
    clinic.settle()

    assert clinic.ask("feedback", ANA, "GET", f"/v1/clients/{client_id}/course").status_code == 404
    answered = clinic.ask("feedback", ANA, "POST", f"/v1/offers/{anas['offer_id']}/answers", {"answers": {"t_b1": 5}})
    assert answered.status_code == 404
    assert clinic.ask("feedback", BEN, "GET", f"/v1/clients/{client_id}/course").status_code == 200
