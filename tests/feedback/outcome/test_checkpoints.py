"""Three and six sessions without a reliable gain."""

from services.feedback.measures.domain.evidence import Evidence
from services.feedback.outcome.domain.checkpoints import Checkpoint, checkpoints_of, open_checkpoint
from services.feedback.outcome.domain.points import Scored
from tests.feedback.outcome.measures import ORS, PHQ_9, UNKNOWN


def at(*totals: float | None) -> list[Scored]:
    return [Scored(number, total) for number, total in enumerate(totals, 1) if total is not None]


def reached(evidence: Evidence, *totals: float | None) -> list[tuple[int, int]]:
    return [(found.session, found.number) for found in checkpoints_of(at(*totals), evidence)]


def test_two_sessions_are_too_early_to_ask() -> None:
    assert reached(ORS, 18, 18) == []


def test_three_and_six_sessions_without_a_gain_are_two_moments_to_ask() -> None:
    assert reached(ORS, 18, 19, 18) == [(3, 3)]
    assert reached(ORS, 18, 19, 18, 17, 18, 20) == [(3, 3), (6, 6)]


def test_a_missing_total_moves_the_question_to_the_next_session() -> None:
    assert reached(ORS, 18, 19, None, 18) == [(3, 4)]


def test_sessions_count_from_the_first_total() -> None:
    assert reached(ORS, None, None, 18, 19) == []
    assert reached(ORS, None, None, 18, 19, 18) == [(3, 5)]


def test_getting_worse_is_no_gain() -> None:
    assert reached(PHQ_9, 15, 18, 22) == [(3, 3)]


def test_who_changes_late_is_asked_once_and_then_no_more() -> None:
    late = at(18, 18, 18, 24)

    assert checkpoints_of(late, ORS) == [Checkpoint(3, 3)]
    assert open_checkpoint(late, ORS) is None
    assert open_checkpoint(late[:3], ORS) == Checkpoint(3, 3)


def test_who_began_well_is_not_asked_to_gain() -> None:
    assert reached(ORS, 30, 31, 30) == []
    assert reached(PHQ_9, 3, 3, 3) == []


def test_without_a_known_reliable_change_there_is_no_checkpoint() -> None:
    assert reached(UNKNOWN, 18, 18, 18) == []
    assert open_checkpoint([], ORS) is None
