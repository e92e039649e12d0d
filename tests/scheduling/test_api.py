from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest

from services.scheduling.app import SERVICE
from services.scheduling.resources.domain.refusals import FieldRefused, Refusal
from tests.scheduling.desk import Desk, fields_at_fault
from tests.scheduling.practice import NOW

HOURS = "/v1/appointments"


def test_an_hour_is_booked_read_marked_and_taken_back(desk: Desk) -> None:
    made = desk.ask("POST", HOURS, desk.body())
    booked = made.json or {}
    desk.now = NOW + timedelta(days=8, hours=5)  # Tuesday, 15:00 in Berlin

    held = desk.ask("POST", f"{HOURS}/{booked['id']}/status", {"to": "completed"}, version=1)
    reopened = desk.ask("POST", f"{HOURS}/{booked['id']}/undo", {}, version=2)

    assert (made.status_code, made.headers["Location"], made.headers["ETag"]) == (201, f"{HOURS}/{booked['id']}", '"1"')
    assert {
        k: booked[k] for k in ("status", "spoken_code", "starts_at", "ends_at", "local_start", "zone", "room_id")
    } == {
        "status": "booked",
        "spoken_code": "K-1042",
        "starts_at": "2026-03-10T14:00:00+00:00",
        "ends_at": "2026-03-10T14:50:00+00:00",
        "local_start": "2026-03-10T15:00",
        "zone": "Europe/Berlin",
        "room_id": None,
    }
    assert held.json is not None
    assert (held.json["status"], held.json["attendance_code"], held.headers["ETag"]) == ("completed", "5", '"2"')
    assert held.json["undo_until"] == "2026-03-10T14:03:00+00:00"
    assert (reopened.json or {})["status"] == "booked"
    assert desk.get(f"{HOURS}/{booked['id']}")["version"] == 3


def test_a_late_cancellation_shows_as_one(desk: Desk) -> None:
    booked = desk.book(local_start="2026-03-03T09:00")

    cancelled = desk.ask(
        "POST", f"{HOURS}/{booked['id']}/status", {"to": "client_cancelled", "reason_code": "pat-lt"}, version=1
    )

    assert cancelled.json is not None
    assert (cancelled.json["status"], cancelled.json["late"]) == ("late_cancelled", True)


def test_double_click_or_retry_with_one_idempotency_key_returns_the_first_answer(desk: Desk) -> None:
    key = str(uuid4())

    first = desk.ask("POST", HOURS, desk.body(), key=key)
    again = desk.ask("POST", HOURS, desk.body(), key=key)
    other = desk.ask("POST", HOURS, desk.body(minutes=60), key=key)

    assert first.status_code == again.status_code == 201
    assert first.data == again.data
    assert again.headers["Idempotency-Replayed"] == "true"
    assert other.status_code == 422
    assert len(desk.get(HOURS)["items"]) == 1


def test_two_clicks_at_the_same_moment_book_once(desk: Desk) -> None:
    key, start_together = str(uuid4()), Barrier(2)

    def click(_: int) -> int:
        start_together.wait(timeout=10)
        return desk.ask("POST", HOURS, desk.body(), key=key).status_code

    with ThreadPoolExecutor(2) as clicks:
        answers = sorted(clicks.map(click, range(2)))

    assert answers in ([201, 201], [201, 409])
    assert len(desk.get(HOURS)["items"]) == 1


def test_a_taken_hour_says_what_is_taken_and_when(desk: Desk) -> None:
    desk.book()

    refused = desk.ask("POST", HOURS, desk.body(local_start="2026-03-10T15:30"))

    assert refused.status_code == 409
    assert refused.json is not None
    assert refused.json["type"].endswith("/slot-taken")
    assert fields_at_fault(refused) == ["practitioner_id", "client_id"]
    assert refused.json["errors"][0]["message"] == (
        "The practitioner is taken on 2026-03-10 from 15:00 for 50 minutes (Europe/Berlin)."
    )


def test_a_series_is_booked_whole_or_lists_the_dates_in_the_way(desk: Desk) -> None:
    desk.book(local_start="2026-03-17T15:00")

    refused = desk.ask("POST", "/v1/series", desk.body(weeks=4))
    skipping = desk.ask("POST", "/v1/series", desk.body(weeks=4, skip_conflicts=True))

    assert refused.status_code == 409
    assert fields_at_fault(refused) == ["dates.2026-03-17T15:00", "dates.2026-03-17T15:00"]
    assert skipping.status_code == 201
    assert skipping.json is not None
    assert skipping.json["skipped"] == ["2026-03-17T15:00"]
    assert len(skipping.json["appointments"]) == 3
    assert len(desk.get(skipping.headers["Location"])["items"]) == 3


def test_what_lies_ahead_of_a_series_is_called_off(desk: Desk) -> None:
    series = desk.ask("POST", "/v1/series", desk.body(weeks=3)).json or {}

    gone = desk.ask("POST", f"/v1/series/{series['id']}/cancellation", {"by": "clinic", "reason_code": "prov-pers"})

    assert [a["status"] for a in (gone.json or {})["items"]] == ["clinic_cancelled"] * 3
    assert desk.ask("POST", f"/v1/series/{uuid4()}/cancellation", {"by": "clinic"}).status_code == 404


def test_an_hour_is_moved_with_the_version_that_was_seen(desk: Desk) -> None:
    booked = desk.book()
    path = f"{HOURS}/{booked['id']}/move"

    moved = desk.ask("POST", path, {"local_start": "2026-03-11T09:30", "minutes": 60}, version=1)
    stale = desk.ask("POST", path, {"local_start": "2026-03-12T09:30"}, version=1)
    blind = desk.ask("POST", path, {"local_start": "2026-03-12T09:30"})

    assert moved.json is not None
    assert (moved.json["starts_at"], moved.json["minutes"]) == ("2026-03-11T08:30:00+00:00", 60)
    assert (stale.status_code, blind.status_code) == (412, 428)


def test_the_diary_of_a_week_is_listed_in_pages_by_time(desk: Desk) -> None:
    desk.ask("POST", "/v1/series", desk.body(weeks=5))

    inside = desk.get(f"{HOURS}?from=2026-03-17T14:00:00Z&to=2026-03-31T13:00:00Z")
    first = desk.get(f"{HOURS}?limit=3")
    rest = desk.get(f"{HOURS}?limit=3&cursor={first['next']}")

    assert [a["local_start"] for a in inside["items"]] == ["2026-03-17T15:00", "2026-03-24T15:00"]
    assert [len(first["items"]), len(rest["items"]), rest["next"]] == [3, 2, None]


def test_next_and_last_hours_of_many_clients_come_in_one_answer(desk: Desk) -> None:
    booked = desk.book()

    answer = desk.ask("POST", "/v1/appointments/next", {"client_ids": [str(desk.practice.mara), str(uuid4())]})

    assert answer.json is not None
    first, second = answer.json["items"]
    assert (first["next"]["id"], first["last"]) == (booked["id"], None)
    assert (second["next"], second["last"]) == (None, None)
    assert desk.ask("POST", "/v1/appointments/next", {"client_ids": []}).json == {"items": [], "next": None}
    too_many = desk.ask("POST", "/v1/appointments/next", {"client_ids": [str(uuid4()) for _ in range(201)]})
    assert too_many.status_code == 422


def test_five_free_hours_are_suggested(desk: Desk) -> None:
    desk.book()

    found = desk.get(f"/v1/suggestions?client_id={desk.practice.mara}&practitioner_id={desk.practice.ana}")["items"]

    assert len(found) == 5
    assert found[0]["local_start"] == "2026-03-03T15:00"
    assert found[0]["is_usual"] is True


def test_practitioners_and_rooms_are_added_and_listed(desk: Desk) -> None:
    newcomer = uuid4()

    for _ in range(2):
        put = desk.ask("PUT", f"/v1/practitioners/{newcomer}", {"zone": "Europe/Vienna"}, roles=["manager"])
        assert put.json == {"id": str(newcomer), "zone": "Europe/Vienna"}
    room = desk.ask("POST", "/v1/rooms", {"label": "Room 1"}, roles=["manager"])
    double = desk.ask("POST", "/v1/rooms", {"label": "room 1"}, roles=["manager"])

    assert {"id": str(newcomer), "zone": "Europe/Vienna"} in desk.get("/v1/practitioners")["items"]
    assert desk.get("/v1/rooms")["items"] == [room.json]
    assert (double.status_code, fields_at_fault(double)) == (409, ["label"])
    wrong = desk.ask("PUT", f"/v1/practitioners/{newcomer}", {"zone": "Vienna"}, roles=["manager"])
    assert (wrong.status_code, fields_at_fault(wrong)) == (422, ["zone"])


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"local_start": "2026-03-10T15:00+01:00"}, 422, "local_start"),
        ({"local_start": "2026-03-10T15:00:30"}, 422, "local_start"),
        ({"local_start": "2026-02-30T15:00"}, 422, "local_start"),
        ({"local_start": "0001-01-01T00:00"}, 422, "local_start"),
        ({"local_start": "9999-12-31T23:59"}, 422, "local_start"),
        ({"local_start": "２０26-03-10T15:00"}, 422, "local_start"),
        ({"local_start": 20260310}, 422, "local_start"),
        ({"local_start": None}, 422, "local_start"),
        ({"minutes": 0}, 422, "minutes"),
        ({"minutes": 481}, 422, "minutes"),
        ({"minutes": 50.5}, 422, "minutes"),
        ({"minutes": 2**40}, 422, "minutes"),
        ({"minutes": "fifty"}, 422, "minutes"),
        ({"modality": "smoke"}, 422, "modality"),
        ({"type_code": "First talk with Mara"}, 422, "type_code"),
        ({"type_code": "x" * 33}, 422, "type_code"),
        ({"zone": "Europe"}, 422, "zone"),
        ({"zone": ""}, 422, "zone"),
        ({"client_id": "mara"}, 422, "client_id"),
        ({"client_id": str(uuid4())}, 422, "client_id"),
        ({"room_id": str(uuid4())}, 422, "room_id"),
        ({"note": "weeps"}, 422, "note"),
        ({"weeks": 3}, 422, "weeks"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_kept(
    desk: Desk, changes: dict[str, Any], status: int, field: str
) -> None:
    refused = desk.ask("POST", HOURS, desk.body(**changes))

    assert (refused.status_code, fields_at_fault(refused)) == (status, [field])
    assert desk.get(HOURS)["items"] == []


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"to": "booked"}, ["to"]),
        ({"to": "late_cancelled"}, ["to"]),
        ({"to": None}, ["to"]),
        ({}, ["to"]),
        ({"to": "client_cancelled", "reason_code": "because"}, ["reason_code"]),
        ({"to": "client_cancelled", "waive_late": "yes"}, ["waive_late"]),
        ({"to": "client_cancelled", "waive_late": True}, ["reason_code"]),
        ({"to": "no_show", "reason_code": "pat"}, ["reason_code"]),
    ],
)
def test_a_wrong_marking_is_named(desk: Desk, body: dict[str, Any], fields: list[str]) -> None:
    booked = desk.book()
    desk.now = NOW + timedelta(days=10)

    refused = desk.ask("POST", f"{HOURS}/{booked['id']}/status", body, version=1)

    assert (refused.status_code, fields_at_fault(refused)) == (422, fields)


@pytest.mark.parametrize(
    "query",
    [
        "from=yesterday",
        "from=2026-03-10T15:00:00",
        "to=2026-03-10",
        "client_id=mara",
        "limit=201",
        "cursor=bm90LW91cnM",
        "who=ana",
        "from=0001-01-01T00:00:00%2B14:00",
    ],
)
def test_a_wrong_query_is_refused(desk: Desk, query: str) -> None:
    assert desk.ask("GET", f"{HOURS}?{query}").status_code == 400


def test_a_colleagues_hour_does_not_exist_for_a_therapist(desk: Desk) -> None:
    booked = desk.book()
    path = f"{HOURS}/{booked['id']}"
    ben: dict[str, Any] = {"roles": ["therapist"], "actor": desk.practice.ben}

    assert desk.ask("GET", path, **ben).status_code == 404
    assert desk.ask("POST", f"{path}/status", {"to": "clinic_cancelled"}, version=1, **ben).status_code == 404
    assert desk.ask("POST", f"{path}/move", {"local_start": "2026-03-12T09:30"}, version=1, **ben).status_code == 404
    assert desk.ask("POST", f"{path}/undo", {}, version=1, **ben).status_code == 404
    assert desk.ask("POST", HOURS, desk.body(local_start="2026-03-12T09:30"), **ben).status_code == 403
    assert desk.ask("GET", HOURS, **ben).json == {"items": [], "next": None}


@pytest.mark.parametrize("role", ["supervisor", "integrator", "checkin", "operator"])
def test_other_roles_have_no_business_with_hours(desk: Desk, role: str) -> None:
    assert desk.ask("GET", HOURS, roles=[role]).status_code == 403
    assert desk.ask("POST", HOURS, desk.body(), roles=[role]).status_code == 403


@pytest.mark.parametrize("role", ["front_desk", "therapist", "clinical_lead"])
def test_only_managers_and_operators_open_diaries(desk: Desk, role: str) -> None:
    assert desk.ask("PUT", f"/v1/practitioners/{uuid4()}", {"zone": "UTC"}, roles=[role]).status_code == 403


def test_every_refusal_of_the_domain_has_its_status() -> None:
    named = {*Refusal.__subclasses__(), *FieldRefused.__subclasses__()} - {FieldRefused}

    assert named == set(SERVICE.errors)


def test_the_api_describes_itself(desk: Desk) -> None:
    described = desk.get("/v1/openapi.json")

    assert {"/v1/appointments", "/v1/series", "/v1/suggestions"} <= set(described["paths"])
    local_start = described["components"]["schemas"]["NewAppointment"]["properties"]["local_start"]
    assert local_start["type"] == "string"
