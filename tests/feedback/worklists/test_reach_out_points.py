"""The reach-out list: every part by itself, the sum, and resting after somebody reached out."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feedback.alliance.domain.series import State
from services.feedback.worklists.domain.reach_out import (
    ON_THE_LIST,
    POINTS,
    Part,
    ReachNote,
    Trouble,
    is_on_the_list,
    points,
    reasons,
    rests_until,
)

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
TODAY = AT.date()
# What can go wrong, one field at a time, with what it adds (clinical reference, "transparent points for a worklist").
TROUBLES: dict[str, tuple[Any, Part, int]] = {
    "unseen_since": (AT, Part.UNSEEN_STRAIN, 2),
    "silent_since": (AT, Part.SILENCE, 2),
    "missed_at": (AT, Part.MISSED, 2),
    "late_cancelled_at": (AT, Part.LATE_CANCELLATION, 1),
    "has_next": (False, Part.NO_NEXT, 2),
    "deteriorated": (AT, Part.DETERIORATED, 2),
}
CALM = Trouble()
SOME = st.builds(
    Trouble,
    state=st.sampled_from([None, *State]),
    episode_since=st.just(AT),
    unseen_since=st.sampled_from([None, AT]),
    silent_since=st.sampled_from([None, AT]),
    missed_at=st.sampled_from([None, AT]),
    late_cancelled_at=st.sampled_from([None, AT]),
    has_next=st.booleans(),
    deteriorated=st.sampled_from([None, AT]),
    sessions=st.integers(0, 40),
)


def parts(trouble: Trouble) -> dict[Part, int]:
    return {reason.part: reason.points for reason in reasons(trouble)}


def test_nobody_is_on_the_list_for_nothing() -> None:
    assert parts(CALM) == {}
    assert not is_on_the_list(reasons(CALM))


@pytest.mark.parametrize(("name", "case"), TROUBLES.items())
def test_each_part_adds_its_points(name: str, case: tuple[Any, Part, int]) -> None:
    value, part, added = case

    assert parts(replace(CALM, **{name: value})) == {part: added}


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (None, {}),
        (State.STEADY, {}),
        (State.STRAINED, {}),
        (State.RUPTURE, {Part.RUPTURE: 2}),
        (State.REPAIRING, {}),
        (State.REPAIRED, {}),
        (State.UNREPAIRED, {Part.UNREPAIRED: 3}),
    ],
)
def test_the_state_adds_what_it_weighs(state: State | None, expected: dict[Part, int]) -> None:
    assert parts(replace(CALM, state=state)) == expected


def test_a_rupture_and_unseen_strain_count_once_together() -> None:
    assert parts(replace(CALM, state=State.RUPTURE, unseen_since=AT)) == {Part.RUPTURE: 2}
    assert points(reasons(replace(CALM, state=State.UNREPAIRED, unseen_since=AT))) == 5


@pytest.mark.parametrize(("sessions", "adds"), [(0, 1), (1, 1), (4, 1), (5, 0), (30, 0)])
def test_the_first_four_sessions_add_one_point(sessions: int, adds: int) -> None:
    assert points(reasons(replace(CALM, sessions=sessions))) == adds


@pytest.mark.parametrize(
    ("trouble", "total", "listed"),
    [
        (Trouble(missed_at=AT, has_next=False), 4, False),
        (Trouble(missed_at=AT, has_next=False, sessions=4), 5, True),
        (Trouble(missed_at=AT, has_next=False, late_cancelled_at=AT), 5, True),
        (Trouble(state=State.UNREPAIRED, has_next=False), 5, True),
        (Trouble(state=State.UNREPAIRED, late_cancelled_at=AT), 4, False),
    ],
)
def test_five_points_go_on_the_list(trouble: Trouble, total: int, listed: bool) -> None:
    found = reasons(trouble)

    assert (points(found), is_on_the_list(found)) == (total, listed)
    assert ON_THE_LIST == 5


@given(SOME, st.sampled_from(sorted(TROUBLES)))
def test_more_trouble_never_lowers_the_points(trouble: Trouble, name: str) -> None:
    more = replace(trouble, **{name: TROUBLES[name][0]})

    assert points(reasons(more)) >= points(reasons(trouble))


@given(SOME, st.sampled_from([State.RUPTURE, State.UNREPAIRED]))
def test_a_rupture_never_lowers_the_points(trouble: Trouble, state: State) -> None:
    assert points(reasons(replace(trouble, state=state))) >= points(reasons(replace(trouble, state=None)))
    worse = replace(trouble, state=State.UNREPAIRED)
    assert points(reasons(worse)) >= points(reasons(replace(trouble, state=State.RUPTURE)))


@given(SOME)
def test_the_sum_is_its_parts_and_each_part_says_why(trouble: Trouble) -> None:
    found = reasons(trouble)

    assert points(found) == sum(POINTS[reason.part] for reason in found)
    assert len({reason.part for reason in found}) == len(found)
    assert all(reason.sentence.template.startswith("reach_") for reason in found)
    assert [reason.points for reason in found] == sorted((reason.points for reason in found), reverse=True)


TROUBLED = Trouble(state=State.UNREPAIRED, episode_since=AT, has_next=False)


def noted(trouble: Trouble, begins: date = TODAY) -> ReachNote:
    return ReachNote(begins, {reason.part: reason.since for reason in reasons(trouble)})


@pytest.mark.parametrize(("days", "rests"), [(0, True), (13, True), (14, False), (40, False)])
def test_a_client_rests_from_the_list_for_two_weeks(days: int, rests: bool) -> None:
    until = rests_until(noted(TROUBLED), reasons(TROUBLED), TODAY + timedelta(days=days))

    assert until == (TODAY + timedelta(days=14) if rests else None)


def test_without_a_note_nobody_rests() -> None:
    assert rests_until(None, reasons(TROUBLED), TODAY) is None


@pytest.mark.parametrize("name", sorted(set(TROUBLES) - {"has_next"}))
def test_a_new_part_brings_the_client_back_at_once(name: str) -> None:
    more = replace(TROUBLED, **{name: TROUBLES[name][0]})

    assert rests_until(noted(TROUBLED), reasons(more), TODAY) is None


def test_the_same_part_again_is_new_when_it_happened_again() -> None:
    once = replace(TROUBLED, missed_at=AT)
    again = replace(once, missed_at=AT + timedelta(days=7))

    assert rests_until(noted(once), reasons(once), TODAY + timedelta(days=8)) is not None
    assert rests_until(noted(once), reasons(again), TODAY + timedelta(days=8)) is None


@given(SOME, SOME)
def test_what_has_gone_brings_nobody_back(trouble: Trouble, other: Trouble) -> None:
    """Only a new part does: with a subset of the parts a client goes on resting."""
    fewer = tuple(reason for reason in reasons(trouble) if reason.part in {r.part for r in reasons(other)})

    assert rests_until(noted(trouble), fewer, TODAY) is not None
