"""Outcome over HTTP: who may ask, what is told, and what never is."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from services.feedback.jobs import count_cases
from services.feedback.measures.store import definitions
from tests.cast import ANA, BEN, DANA, LEAD
from tests.feedback.outcome.treatments import booked, fill_in, sessions
from tests.feedback.practice import Caller, Practice
from tests.trail import trail

Speak = Callable[..., Caller]


@pytest.fixture
def client_id(practice: Practice) -> UUID:
    """Somebody whose outcome alone is measured here."""
    return practice.client(consent=False)


def told(call: Speak, client_id: UUID, *, actor: UUID = ANA.id) -> dict[str, Any]:
    answer = call("therapist", actor=actor).get(f"/v1/clients/{client_id}/outcome")
    assert answer.status_code == 200, answer.get_json()
    found: dict[str, Any] = answer.get_json()
    return found


def only(outcome: dict[str, Any]) -> dict[str, Any]:
    (found,) = outcome["measures"]
    assert isinstance(found, dict)
    return found


def numbers(part: Any) -> list[float]:
    """All numbers of an answer."""
    if isinstance(part, dict | list):
        return [n for inner in (part.values() if isinstance(part, dict) else part) for n in numbers(inner)]
    return [part] if isinstance(part, int | float) else []


def test_an_outcome_as_the_portal_reads_it(practice: Practice, call: Speak, client_id: UUID) -> None:
    answered = {f"q{n}": 2 for n in range(1, 10)}
    first = practice.hold(client_id)
    fill_in(practice, client_id, first, "phq-9", answered)
    sessions(practice, client_id, [14, None, 8])

    outcome = told(call, client_id)

    phq = only(outcome)
    assert (outcome["sessions"], outcome["since"], outcome["nhs"]) == (4, "2026-03-09", None)
    assert (phq["measure"]["short_name"], phq["measure"]["better"], phq["measure"]["max"]) == ("PHQ-9", "lower", 27)
    assert phq["status"] == "recovered"
    assert phq["sentence"] == {
        "template": "outcome_recovered",
        "params": {"measure": "PHQ-9", "first": 18.0, "last": 8.0},
        "next_step": "ask_what_helped",
    }
    assert [(p["session_number"], p["total"], p["missing_reason"]) for p in phq["points"]] == [
        (1, 18, None),
        (2, 14, None),
        (3, None, "no_answer"),
        (4, 8, None),
    ]
    assert (phq["reliable_change"]["points"], phq["reliable_change"]["mark"]) == (6, "stated")
    assert (phq["cut_off"]["points"], phq["cut_off"]["code"]) == (10, "caseness")
    assert phq["points"][0]["answers"] == answered
    assert (phq["points"][1]["typed"], phq["points"][1]["answers"]) == (True, {})
    assert phq["measure"]["items"][0]["text"] == "Little interest or pleasure in doing things"
    assert phq["curve"] is None
    assert phq["curve_sentence"] == {"template": "no_curve", "params": {"n": 0}, "next_step": "none"}


def test_nothing_measured_is_nothing_said(practice: Practice, call: Speak, client_id: UUID) -> None:
    practice.hold(client_id)

    outcome = told(call, client_id)

    assert (outcome["measures"], outcome["nhs"], outcome["sessions"]) == ([], None, 1)


def test_one_score_is_no_change(practice: Practice, call: Speak, client_id: UUID) -> None:
    sessions(practice, client_id, [18])

    phq = only(told(call, client_id))

    assert (phq["status"], phq["change"], phq["variants"]) == ("one_score", None, [])
    assert phq["sentence"]["params"] == {"measure": "PHQ-9", "x": 18.0}


def test_two_scores_are_a_beginning(practice: Practice, call: Speak, client_id: UUID) -> None:
    sessions(practice, client_id, [18, 14])

    phq = only(told(call, client_id))

    assert (phq["status"], phq["change"]["gain"], phq["sentence"]["params"]["rc"]) == ("unchanged", 4, 6)


def test_a_form_that_came_back_with_too_few_answers_has_no_total(
    practice: Practice, call: Speak, client_id: UUID
) -> None:
    fill_in(practice, client_id, practice.hold(client_id), "phq-9", {"q1": 1, "q2": 1})

    phq = only(told(call, client_id))

    assert (phq["status"], phq["points"][0]["missing_reason"], phq["points"][0]["answered"]) == (
        "no_score",
        "not_scored",
        2,
    )


def test_a_total_that_stands_on_fewer_answers_says_so(practice: Practice, call: Speak, client_id: UUID) -> None:
    fill_in(practice, client_id, practice.hold(client_id), "phq-9", {f"q{n}": 2 for n in range(1, 8)})

    point = only(told(call, client_id))["points"][0]

    assert (point["total"], point["prorated"], point["answered"]) == (18, True, 7)


def test_a_client_with_fewer_goals_has_nothing_left_out(practice: Practice, call: Speak, client_id: UUID) -> None:
    goals = list(definitions.measures()["gbo"].scoring.items)
    fill_in(practice, client_id, practice.hold(client_id), "gbo", dict.fromkeys(goals[:2], 4))

    point = only(told(call, client_id))["points"][0]

    assert (point["total"], point["prorated"], point["answered"], point["items"]) == (4, False, 2, 2)


def test_answers_that_were_not_shared_appear_nowhere_and_change_nothing(
    practice: Practice, call: Speak, client_id: UUID
) -> None:
    sessions(practice, client_id, [18, 17])
    before = only(told(call, client_id))
    hidden = practice.hold(client_id)
    fill_in(practice, client_id, hidden, "phq-9", {f"q{n}": 3 for n in range(1, 10)}, shared=False)

    phq = only(told(call, client_id))

    assert phq["points"][2]["missing_reason"] == "not_shared"
    assert (phq["points"][2]["total"], phq["points"][2]["answers"], phq["points"][2]["answered"]) == (None, {}, 0)
    assert phq["points"][2]["typed"] is phq["points"][2]["prorated"] is False
    assert (phq["sentence"], phq["status"]) == (before["sentence"], before["status"])
    assert 27 not in numbers({name: part for name, part in phq.items() if name != "measure"})


def test_where_nothing_was_shared_there_is_no_score(practice: Practice, call: Speak, client_id: UUID) -> None:
    fill_in(practice, client_id, practice.hold(client_id), "phq-9", 22, shared=False)

    phq = only(told(call, client_id))

    assert (phq["status"], phq["points"][0]["total"], phq["curve_sentence"]) == ("no_score", None, None)


def test_what_is_to_be_seen_later_is_not_seen_now(practice: Practice, call: Speak, client_id: UUID) -> None:
    offer_id = fill_in(practice, client_id, practice.hold(client_id), "phq-9", 22)
    with practice.database.transaction() as tx:
        tx.execute(
            "UPDATE checkin SET sharing = 'after', visible_from = %s + interval '1 hour' WHERE offer_id = %s",
            (practice.clock(), offer_id),
        )

    early = only(told(call, client_id))["points"][0]
    practice.clock.move(hours=1)
    later = only(told(call, client_id))["points"][0]

    assert (early["total"], early["missing_reason"]) == (None, "shared_later")
    assert (later["total"], later["missing_reason"]) == (22, None)


def test_the_outcome_goes_on_with_a_new_therapist(practice: Practice, call: Speak, client_id: UUID) -> None:
    sessions(practice, client_id, [18, 17])
    practice.allocate(client_id, BEN.id)
    sessions(practice, client_id, [12, 9], therapist=BEN.id)

    outcome = told(call, client_id, actor=BEN.id)

    phq = only(outcome)
    assert (phq["status"], phq["change"]["first"], phq["change"]["last"]) == ("recovered", 18, 9)
    assert [p["practitioner_id"] for p in phq["points"]] == [str(ANA.id)] * 2 + [str(BEN.id)] * 2
    assert call("therapist").get(f"/v1/clients/{client_id}/outcome").status_code == 404  # no longer Ana's


def test_a_new_treatment_begins_anew(practice: Practice, call: Speak) -> None:
    client_id = practice.client(consent=False, allocated=False)
    allocation_id = practice.allocate(client_id)
    sessions(practice, client_id, [18, 8])
    practice.end_therapy(client_id, allocation_id)
    ended = call("clinical_lead", actor=LEAD.id).get(f"/v1/clients/{client_id}/outcome").get_json()
    practice.clock.move(days=90)
    practice.allocate(client_id)
    sessions(practice, client_id, [16])

    outcome = told(call, client_id)

    assert only(ended)["status"] == "recovered"  # the treatment that has ended stays readable
    assert (outcome["sessions"], only(outcome)["status"]) == (1, "one_score")


def test_versions_of_a_measure_are_not_compared(practice: Practice, call: Speak, client_id: UUID) -> None:
    fill_in(practice, client_id, practice.hold(client_id), "phq-9", 20, version=0)  # as it was before
    sessions(practice, client_id, [18, 17])

    phq = only(told(call, client_id))

    assert (phq["status"], phq["change"]["first"]) == ("unchanged", 18)
    assert [(p["measure_version"], p["total"]) for p in phq["points"]] == [(0, 20), (1, 18), (1, 17)]
    assert {
        "template": "outcome_new_version",
        "params": {"measure": "PHQ-9", "session": 2},
        "next_step": "none",
    } in phq["further"]


def test_what_came_back_before_a_session_is_there_to_be_talked_about_in_it(
    practice: Practice, call: Speak, client_id: UUID
) -> None:
    sessions(practice, client_id, [18])
    coming = booked(practice, client_id)
    before = told(call, client_id)["sessions"]
    fill_in(practice, client_id, coming, "phq-9", 12)

    outcome = told(call, client_id)

    assert (before, outcome["sessions"], only(outcome)["change"]["last"]) == (1, 2, 12)


def test_two_nhs_measures_speak_together(practice: Practice, call: Speak, client_id: UUID) -> None:
    for phq, gad in ((16, 12), (8, 6)):
        appointment_id = practice.hold(client_id)
        fill_in(practice, client_id, appointment_id, "phq-9", phq)
        hour = practice.hold(client_id)  # one form a session here; both come before one in a clinic
        fill_in(practice, client_id, hour, "gad-7", gad)

    nhs = told(call, client_id)["nhs"]

    assert (nhs["caseness"], nhs["recovery"], nhs["change"]) == (True, True, "reliable_improvement")
    assert nhs["reliable_recovery"] is True
    assert nhs["sentence"]["params"] == {"measures": ["PHQ-9", "GAD-7"]}


def test_a_measure_of_which_higher_is_better_says_lower(practice: Practice, call: Speak, client_id: UUID) -> None:
    sessions(practice, client_id, [26, 17.5], measure_id="ors")

    ors = only(told(call, client_id))

    assert (ors["status"], ors["sentence"]["template"]) == ("deteriorated", "outcome_deteriorated_lower")
    assert [line["template"] for line in ors["further"]] == ["outcome_harmed"]
    assert {v["method"] for v in ors["variants"] if v["index"] is not None} == {"jt", "gln", "en"}


def test_without_a_published_reliable_change_none_is_claimed(practice: Practice, call: Speak, client_id: UUID) -> None:
    sessions(practice, client_id, [16, 4], measure_id="psychlops")

    assert only(told(call, client_id))["status"] == "no_threshold"


def test_another_client_changes_nothing(practice: Practice, call: Speak, client_id: UUID) -> None:
    sessions(practice, client_id, [18, 16, 12])
    before = told(call, client_id)
    for n in range(4):
        other = practice.client(consent=False)
        sessions(practice, other, [10 + n, 25 - n, 3 * n])

    assert told(call, client_id) == before


def test_a_curve_comes_with_fifty_finished_cases_and_says_where_it_is_from(
    practice: Practice, call: Speak, client_id: UUID
) -> None:
    def finish(many: int) -> None:
        for _ in range(many):
            other = practice.client(consent=False, allocated=False)
            allocation_id = practice.allocate(other)
            sessions(practice, other, [16, 12])
            practice.end_therapy(other, allocation_id)
        practice.run(count_cases)

    sessions(practice, client_id, [17, 16])
    finish(49)
    almost = only(told(call, client_id))
    finish(1)
    enough = only(told(call, client_id))

    assert (almost["curve"], almost["curve_sentence"]["params"]) == (None, {"n": 49})
    assert enough["curve"]["n"] == 50
    assert enough["curve"]["boundary"] == [
        {"session_number": 1, "total": 16},
        {"session_number": 2, "total": 12},
    ]
    assert enough["curve_sentence"]["template"] == "off_local_curve"
    assert {**enough, "curve": None, "curve_sentence": None} == {**almost, "curve": None, "curve_sentence": None}


# Who may see what


def test_the_desk_and_other_roles_hear_nothing_of_outcome(practice: Practice, call: Speak, client_id: UUID) -> None:
    sessions(practice, client_id, [18, 8])

    for role in ("front_desk", "manager", "supervisor"):
        assert call(role, actor=DANA.id).get(f"/v1/clients/{client_id}/outcome").status_code == 403


def test_a_colleagues_client_is_nobody(practice: Practice, call: Speak, client_id: UUID) -> None:
    sessions(practice, client_id, [18, 8])

    assert call("therapist", actor=BEN.id).get(f"/v1/clients/{client_id}/outcome").status_code == 404
    assert trail(practice.database, "outcome.read") == []


def test_who_looked_at_an_outcome_can_be_looked_up(practice: Practice, call: Speak, client_id: UUID) -> None:
    sessions(practice, client_id, [18])

    told(call, client_id)

    row = trail(practice.database, "outcome.read")[0]
    assert (row["actor"], row["about"], row["fields"]) == (str(ANA.id), [client_id], ["totals", "answers", "outcome"])
