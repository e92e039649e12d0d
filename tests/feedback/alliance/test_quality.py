"""How good the data behind a reading are, said beside it; chart limits and the split, for display alone."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from services.feedback.alliance.domain.chart import limits
from services.feedback.alliance.domain.series import Point
from services.feedback.alliance.domain.spread import within_and_between
from tests.cast import ANA, LEAD
from tests.feedback.practice import Caller, Practice, marks

Call = Callable[..., Caller]


def course_of(call: Call, client_id: UUID, role: str = "therapist", actor: UUID = ANA.id) -> Any:
    return call(role, actor=actor).get(f"/v1/clients/{client_id}/course").json


def notes(point: Any) -> list[str]:
    return [note["template"] for note in point["quality"]["notes"]]


def test_every_signal_says_how_many_sessions_and_gaps_it_stands_on(practice: Practice, call: Call) -> None:
    client_id = practice.client()
    practice.course(client_id, 80, 80, None)
    practice.clock.move(hours=80)
    from services.feedback.jobs import end_overdue_offers

    practice.run(end_overdue_offers)
    practice.course(client_id, 80, 40)

    last = course_of(call, client_id)["points"][-1]

    assert {s["code"]: s["quality"] for s in last["signals"]}["S3"] == {"n": 3, "gaps": 1, "late_entry": False}


def test_a_form_that_is_still_out_is_no_gap(practice: Practice, call: Call) -> None:
    client_id = practice.client()
    practice.course(client_id, 80, 80)
    practice.hold(client_id)

    assert [p["quality"]["gaps"] for p in course_of(call, client_id)["points"]] == [0, 0, 0]


def test_answers_entered_late_are_said_to_be_and_what_they_change_replaces_earlier_readings(
    practice: Practice, call: Call
) -> None:
    client_id = practice.client()
    first = practice.hold(client_id)
    practice.course(client_id, 80, 82, 60)
    practice.answer(first, **marks(64))

    points = course_of(call, client_id)["points"]

    assert [notes(p) for p in points] == [["late_entry"], ["superseded"], ["superseded"], ["superseded"]]
    entered = points[0]["quality"]["notes"][0]["params"]
    assert entered["session"] == points[0]["date"] < entered["entered"]


def test_a_form_that_came_back_in_time_is_neither_late_nor_a_correction(practice: Practice, call: Call) -> None:
    client_id = practice.client()
    held = practice.hold(client_id)
    practice.clock.move(hours=60)
    practice.answer(held, **marks(80))
    practice.answer(held, "therapist", **marks(70, "t_"))

    assert notes(course_of(call, client_id)["points"][0]) == []


def test_an_estimated_total_is_said_to_be_one(practice: Practice, call: Call) -> None:
    client_id = practice.client()
    practice.answer(practice.hold(client_id), **(marks(80) | {"o1": None}))

    (note,) = course_of(call, client_id)["points"][0]["quality"]["notes"]

    assert (note["template"], note["params"]) == ("prorated", {"answered": 4, "items": 5})


def test_an_impression_after_looking_is_said_to_its_therapist_alone(practice: Practice, call: Call, ana: Any) -> None:
    client_id = practice.client()
    held = practice.hold(client_id)
    practice.answer(held, **marks(80))
    course_of(call, client_id)  # a look at the answers
    practice.clock.move(minutes=1)
    practice.answer(held, "therapist", by=ana, **marks(70, "t_"))

    assert notes(course_of(call, client_id)["points"][0]) == ["not_blind"]
    assert notes(course_of(call, client_id, "clinical_lead", LEAD.id)["points"][0]) == []


def test_a_new_start_of_the_usual_range_is_said_where_it_begins(practice: Practice, call: Call) -> None:
    client_id = practice.client()
    practice.course(client_id, 80, 80, 80)
    practice.clock.move(days=1)
    call("therapist").post(f"/v1/clients/{client_id}/restart", {"reason": "change_of_delivery"})
    practice.course(client_id, 60)

    assert notes(course_of(call, client_id)["points"][-1]) == ["baseline_restarted"]


def test_a_starting_spread_that_nobody_learnt_is_said_to_be_one(practice: Practice, call: Call) -> None:
    client_id = practice.client()
    practice.course(client_id, 80)

    assert [note["template"] for note in course_of(call, client_id)["notes"]] == ["placeholder_sigma"]


def test_the_chart_is_shown_from_five_sessions_on(practice: Practice, call: Call) -> None:
    client_id = practice.client()
    practice.course(client_id, 80, 82, 80, 82)
    assert course_of(call, client_id)["limits"] is None

    practice.course(client_id, 80)

    shown = course_of(call, client_id)["limits"]
    assert (shown["n"], shown["center"]) == (5, pytest.approx(80.8))
    assert (shown["lower"], shown["upper"]) == (
        pytest.approx(80.8 - 3 * 2 / 0.954),
        pytest.approx(80.8 + 3 * 2 / 0.954),
    )
    assert shown["moving_range_upper"] == pytest.approx(3.267 * 2)


def test_sessions_without_neighbours_have_no_chart() -> None:
    assert limits([Point(n, 80.0) for n in (1, 3, 5, 7, 9)]) is None


def test_a_total_is_this_clients_mean_so_far_and_the_rest(practice: Practice, call: Call) -> None:
    client_id = practice.client()
    practice.course(client_id, 80, 60)

    assert [p["split"] for p in course_of(call, client_id)["points"]] == [
        {"between": 80.0, "within": 0.0},
        {"between": 70.0, "within": -10.0},
    ]
    assert all(s.between + s.within == x for s, x in zip(within_and_between([70.0, 90.0]), [70.0, 90.0], strict=True))
