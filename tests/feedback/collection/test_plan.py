"""Which measures fall on which session, and what a plan may hold."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feedback.collection.domain.plan import ClientPlan, Plan, PlanEntry, due
from services.feedback.measures.domain import Rhythm
from tests.cast import ANA, BEN
from tests.feedback.measures.test_wordings import words
from tests.feedback.practice import Caller, Practice

Speak = Callable[..., Caller]
DAY = date(2026, 3, 2)


def measures(plan: Plan, number: int, mine: ClientPlan | None = None, on: date = DAY) -> list[str]:
    return [entry.measure_id for entry in due(plan, number, on=on, mine=mine)]


def test_every_fourth_session_from_the_third_on() -> None:
    plan = Plan((PlanEntry("wai-sr", Rhythm.EVERY_N_SESSIONS, every=4, begin=3),))

    assert [n for n in range(1, 13) if measures(plan, n)] == [3, 7, 11]


def test_the_last_session_is_the_one_that_was_named_as_such() -> None:
    plan = Plan((PlanEntry("core-om", Rhythm.FIRST_AND_LAST),))
    mine = ClientPlan(last_session_on=date(2026, 5, 4))

    assert measures(plan, 1) == ["core-om"]
    assert measures(plan, 9, mine, on=date(2026, 4, 27)) == []
    assert measures(plan, 10, mine, on=date(2026, 5, 4)) == ["core-om"]


def test_what_is_planned_for_reviews_falls_on_no_session_by_itself() -> None:
    plan = Plan((PlanEntry("haq-ii", Rhythm.AT_REVIEWS),))

    assert [measures(plan, n) for n in range(1, 30)] == [[]] * 29


def test_a_clients_own_entry_takes_the_place_of_the_clinics() -> None:
    plan = Plan((PlanEntry("phq-9"), PlanEntry("gad-7")))
    mine = ClientPlan((PlanEntry("phq-9", Rhythm.EVERY_N_SESSIONS, every=2),), frozenset({"gad-7"}))

    assert measures(plan, 1, mine) == ["phq-9"]
    assert measures(plan, 2, mine) == []


@given(every=st.integers(1, 50), begin=st.integers(1, 50), number=st.integers(1, 500))
def test_a_rhythm_comes_round_at_equal_distances_and_never_before_it_begins(
    every: int, begin: int, number: int
) -> None:
    entry = PlanEntry("phq-9", Rhythm.EVERY_N_SESSIONS, every=every, begin=begin)

    falls = entry.falls_on(number, last=False)

    assert falls == entry.falls_on(number + every, last=False) or number < begin
    assert not falls or number >= begin
    assert sum(entry.falls_on(begin + n, last=False) for n in range(every)) == 1


def test_a_new_clinic_asks_both_sides_after_every_session_and_collects_nothing_else(
    practice: Practice, call: Speak
) -> None:
    answer = call("front_desk").get("/v1/plan")

    entries = answer.get_json()["entries"]
    assert [(e["measure_id"], e["rhythm"]) for e in entries] == [
        ("session-checkin", "every_session"),
        ("session-checkin-mirror", "every_session"),
    ]
    assert answer.headers["ETag"] == '"0"'


def test_a_plan_is_changed_on_the_version_that_was_read(practice: Practice, call: Speak) -> None:
    body = {"entries": [{"measure_id": "phq-9"}], "reminders": False}
    manager = call("manager")

    changed = manager.put("/v1/plan", body, version=0)
    stale = manager.put("/v1/plan", body, version=0)

    assert (changed.status_code, changed.get_json()["version"]) == (200, 1)
    assert call("front_desk").get("/v1/plan").get_json()["reminders"] is False
    assert stale.status_code == 412
    assert call("therapist").put("/v1/plan", body, version=1).status_code == 403


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        (
            {"measure_id": "srs"},
            "Has no wording here that may be shown; plan it for entry from paper instead.",
        ),
        ({"measure_id": "nobodys"}, "There is no such measure."),
    ],
)
def test_a_plan_that_cannot_be_kept_says_why(
    practice: Practice, call: Speak, entry: dict[str, str], sentence: str
) -> None:
    refused = call("manager").put("/v1/plan", {"entries": [{"measure_id": "phq-9"}, entry]}, version=0)

    assert refused.status_code == 422
    assert refused.get_json()["errors"] == [{"field": "entries.1.measure_id", "message": sentence}]


def test_a_measure_without_wording_may_be_planned_for_paper(practice: Practice, call: Speak) -> None:
    body = {"entries": [{"measure_id": "srs", "way": "paper"}]}

    assert call("manager").put("/v1/plan", body, version=0).status_code == 200


def test_a_measure_that_also_asks_about_harm_to_others_is_planned_for_paper_alone(
    practice: Practice, call: Speak
) -> None:
    """The approved words of the help page after an answer speak of hurting oneself and nothing else."""
    assert call("clinical_lead").put("/v1/measures/core-om/wordings/en", words("core-om")).status_code == 200

    shown = call("manager").put("/v1/plan", {"entries": [{"measure_id": "core-om"}]}, version=0)
    typed = call("manager").put("/v1/plan", {"entries": [{"measure_id": "core-om", "way": "paper"}]}, version=0)

    assert (shown.status_code, typed.status_code) == (422, 200)
    assert "harm to others" in shown.get_json()["errors"][0]["message"]


def test_a_measure_stands_in_a_plan_once(practice: Practice, call: Speak) -> None:
    twice = {"entries": [{"measure_id": "phq-9"}, {"measure_id": "phq-9"}]}

    refused = call("manager").put("/v1/plan", twice, version=0)

    assert refused.get_json()["errors"][0]["message"] == "Stands in the plan twice."


def test_a_clients_plan_is_their_therapists_to_change(practice: Practice, call: Speak) -> None:
    client_id = practice.client()
    path = f"/v1/clients/{client_id}/plan"
    body = {"added": [{"measure_id": "gad-7"}], "left_out": ["session-checkin"]}

    changed = call("therapist", actor=ANA.id).put(path, body, version=0)

    assert changed.status_code == 200
    assert call("therapist", actor=ANA.id).get(path).get_json()["left_out"] == ["session-checkin"]
    assert call("therapist", actor=BEN.id).get(path).status_code == 404
    assert call("therapist", actor=BEN.id).put(path, body, version=1).status_code == 404
    assert call("front_desk").get(path).status_code == 403


def test_what_a_client_leaves_out_is_not_offered_to_them(practice: Practice, call: Speak) -> None:
    client_id = practice.client()
    body = {"added": [], "left_out": ["session-checkin"]}
    call("therapist", actor=ANA.id).put(f"/v1/clients/{client_id}/plan", body, version=0)

    practice.hold(client_id)

    offered = practice.rows("SELECT measure_id FROM offer")
    assert [row["measure_id"] for row in offered] == ["session-checkin-mirror"]
