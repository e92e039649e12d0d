"""Somebody stands in for a therapist on some days, and sees that therapist's clients on these days alone."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from shared.database import Database
from shared.scope import Scope
from tests.intake.conftest import ANA, BEN, NOW, Clock
from tests.intake.desk import Caller, allocated

Call = Callable[..., Caller]
pytestmark = pytest.mark.usefixtures("practitioners")
TODAY = NOW.date()
STRANGER = UUID("0192f1c0-0000-7000-8000-0000000000ee")


def body(**other: Any) -> dict[str, str]:
    wanted = {"practitioner_id": ANA, "deputy_id": BEN, "first_day": TODAY, "last_day": TODAY + timedelta(days=1)}
    return {name: str(value) for name, value in (wanted | other).items()}


def test_a_deputy_sees_the_clients_on_the_days_agreed_and_on_no_other(
    call: Call, database: Database, clock: Clock, dana: Scope
) -> None:
    ana, ben = call("therapist", actor=ANA), call("therapist", actor=BEN)
    with database.transaction() as tx:
        client_id = allocated(tx, dana, NOW, ANA)

    def seen() -> int:
        status: int = ben.get(f"/v1/clients/{client_id}").status_code
        return status

    before = seen()
    named = ana.post("/v1/deputies", body(first_day=TODAY + timedelta(days=1)))
    named_for_tomorrow = seen()
    clock.pass_(timedelta(days=1))
    on_the_day = seen()
    clock.pass_(timedelta(days=1))

    assert named.status_code == 201, named.text
    assert (before, named_for_tomorrow, on_the_day, seen()) == (404, 404, 200, 404)


@pytest.mark.parametrize("by", [("therapist", ANA), ("therapist", BEN), ("clinical_lead", None)])
def test_each_of_the_two_and_the_lead_can_end_it_at_once(
    call: Call, database: Database, dana: Scope, by: tuple[str, Any]
) -> None:
    ana, ben = call("therapist", actor=ANA), call("therapist", actor=BEN)
    with database.transaction() as tx:
        client_id = allocated(tx, dana, NOW, ANA)
    named = ana.post("/v1/deputies", body()).json

    ended = call(by[0], **({"actor": by[1]} if by[1] else {})).post(f"/v1/deputies/{named['id']}/ending", {})

    assert ended.status_code == 201, ended.text
    assert ben.get(f"/v1/clients/{client_id}").status_code == 404
    assert ana.get("/v1/deputies").json["items"] == []
    assert call("clinical_lead").post(f"/v1/deputies/{named['id']}/ending", {}).status_code == 409


def test_a_therapist_names_a_deputy_for_themselves_and_the_lead_for_anybody(call: Call) -> None:
    ben = call("therapist", actor=BEN)

    assert ben.post("/v1/deputies", body()).status_code == 422
    assert call("front_desk").post("/v1/deputies", body()).status_code == 403
    assert call("clinical_lead").post("/v1/deputies", body()).status_code == 201


def test_a_stranger_learns_nothing_of_who_stands_in_for_whom(call: Call) -> None:
    named = call("clinical_lead").post("/v1/deputies", body()).json
    stranger = call("therapist", actor=STRANGER)

    assert stranger.get("/v1/deputies").json["items"] == []
    assert stranger.post(f"/v1/deputies/{named['id']}/ending", {}).status_code == 404
    assert [one["id"] for one in call("manager").get("/v1/deputies").json["items"]] == [named["id"]]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"deputy_id": ANA}, "deputy_id"),
        ({"last_day": TODAY - timedelta(days=1), "first_day": TODAY - timedelta(days=2)}, "last_day"),
        ({"first_day": TODAY + timedelta(days=3)}, "last_day"),
        ({"last_day": TODAY + timedelta(days=183)}, "last_day"),
        ({"last_day": date(9999, 12, 31)}, "last_day"),
        ({"first_day": "soon"}, "first_day"),
        ({"deputy_id": "0192f1c0-0000-7000-8000-0000000000ff"}, "deputy_id"),
    ],
)
def test_days_that_cannot_be_are_refused_by_name(call: Call, wrong: dict[str, Any], field: str) -> None:
    answer = call("clinical_lead").post("/v1/deputies", body(**wrong))

    assert answer.status_code == 422, answer.text
    assert {error["field"] for error in answer.json["errors"]} == {field}
