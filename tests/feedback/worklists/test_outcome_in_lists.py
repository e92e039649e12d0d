"""Who is reliably worse than at the start has a place in the caseload, with the reason."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from services.feedback.alliance.domain.sentences import say
from services.feedback.alliance.domain.series import State
from services.feedback.worklists.domain.caseload import Standing, needs_conversation, reasons
from tests.cast import ANA, BEN
from tests.feedback.outcome.treatments import fill_in, sessions
from tests.feedback.practice import Caller, Practice

Speak = Callable[..., Caller]
WORSE = say("outcome_deteriorated", measure="PHQ-9", first=12, last=20)


def caseload(call: Speak, actor: UUID = ANA.id) -> list[dict[str, Any]]:
    answer = call("therapist", actor=actor).get("/v1/caseload")
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.get_json()["items"]
    return found


def test_a_deterioration_asks_for_a_conversation_and_comes_after_an_open_rupture() -> None:
    worse = reasons(Standing(State.STEADY, say("not_started"), worse=[WORSE]))
    both = reasons(Standing(State.RUPTURE, say("not_started"), episode_open=True, worse=[WORSE]))

    assert needs_conversation(worse)
    assert [reason.code for reason in worse] == ["deteriorated"]
    assert [reason.code for reason in both] == ["rupture", "conversation_open", "deteriorated"]


def test_who_is_worse_comes_before_who_is_not_and_the_reason_is_said(practice: Practice, call: Speak) -> None:
    steady, worse = practice.client(consent=False), practice.client(consent=False)
    sessions(practice, steady, [12, 11])
    sessions(practice, worse, [12, 15, 20])

    first, second = caseload(call)

    assert (first["client_id"], second["client_id"]) == (str(worse), str(steady))
    assert first["needs_conversation"] is True
    assert first["reasons"] == [
        {
            "code": "deteriorated",
            "template": "outcome_deteriorated",
            "params": {"measure": "PHQ-9", "first": 12, "last": 20},
        }
    ]
    assert second["reasons"] == []


def test_what_was_not_shared_gives_no_reason(practice: Practice, call: Speak) -> None:
    client_id = practice.client(consent=False)
    sessions(practice, client_id, [12])
    fill_in(practice, client_id, practice.hold(client_id), "phq-9", 24, shared=False)

    assert caseload(call)[0]["reasons"] == []


def test_an_earlier_treatment_or_another_version_gives_no_reason(practice: Practice, call: Speak) -> None:
    client_id = practice.client(consent=False, allocated=False)
    allocation_id = practice.allocate(client_id)
    sessions(practice, client_id, [3])
    practice.end_therapy(client_id, allocation_id)
    practice.clock.move(days=60)
    practice.allocate(client_id)
    fill_in(practice, client_id, practice.hold(client_id), "phq-9", 4, version=0)
    sessions(practice, client_id, [14, 15])

    assert caseload(call)[0]["reasons"] == []


def test_a_deterioration_is_counted_across_therapists(practice: Practice, call: Speak) -> None:
    client_id = practice.client(consent=False)
    sessions(practice, client_id, [10])
    practice.allocate(client_id, BEN.id)
    sessions(practice, client_id, [19], therapist=BEN.id)

    assert [reason["code"] for reason in caseload(call, BEN.id)[0]["reasons"]] == ["deteriorated"]


def test_a_deterioration_counts_in_the_reach_out_list(practice: Practice, call: Speak) -> None:
    steady, worse = practice.client(consent=False), practice.client(consent=False)
    sessions(practice, steady, [12, 11])
    sessions(practice, worse, [12, 20])

    (line,) = call("therapist").get("/v1/reach-out").get_json()["items"]

    assert (line["client_id"], line["points"], line["unread"]) == (str(worse), 5, [])
    assert [part["code"] for part in line["parts"]] == ["no_next", "deteriorated", "early"]
