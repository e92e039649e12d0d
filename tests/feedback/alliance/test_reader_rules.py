"""The reader's rules, one by one, on the project's own form (sigma0 8 of 100, no cut)."""

from dataclasses import replace

import pytest

from services.feedback.alliance.domain.baseline import theil_sen
from services.feedback.alliance.domain.chart import lower_limit
from services.feedback.alliance.domain.reader import read
from services.feedback.alliance.domain.rules import PROJECT_FORM, READER_2, RULES, RulesUnknown, named
from services.feedback.alliance.domain.sentences import shown
from services.feedback.alliance.domain.series import (
    Decision,
    DecisionKind,
    Mirror,
    Missing,
    Point,
    SaidSo,
    Series,
    Session,
    Talked,
)
from services.feedback.alliance.domain.spread import CourseSpread, Pooled, pooled, proposal
from tests.feedback.alliance.series import SRS_LIKE, codes, read_totals, session, states, totals
from tests.feedback.conftest import NOW


def test_a_low_but_usual_answer_is_steady() -> None:
    assert states(read_totals(52, 50, 54, 52, 50)) == ["steady"] * 5


def test_before_the_third_check_in_nothing_is_compared() -> None:
    course = read_totals(90, 20, 88)

    assert states(course) == ["steady", "steady", "steady"]
    assert [r.too_early for r in course.readings] == [True, True, False]
    assert course.readings[1].sentence.template == "steady_too_early"


def test_an_answer_above_the_usual_range_is_not_called_within_it() -> None:
    assert read_totals(50, 50, 50, 100).readings[-1].sentence.template == "steady_above"


def test_a_little_below_waits_outside_and_joins_after_a_steady_session() -> None:
    strained = read_totals(80, 80, 80, 68)
    joined = read_totals(80, 80, 80, 68, 80, 80)

    assert states(strained)[-1] == "strained"
    assert [r.n for r in joined.readings] == [0, 1, 2, 3, 3, 5]


def test_a_strained_session_before_a_rupture_never_becomes_usual() -> None:
    course = read_totals(80, 80, 80, 68, 40, 80, 80)

    assert states(course)[3:] == ["strained", "rupture", "repaired", "steady"]
    assert course.readings[-1].n == 4
    assert course.episodes[0].lead_in == 4


def test_the_range_stands_still_while_an_episode_is_open() -> None:
    course = read_totals(80, 80, 80, 80, 40, 42, 44)

    assert {r.usual for r in course.readings[4:]} == {course.readings[4].usual}
    assert [r.frozen for r in course.readings[4:]] == [False, True, True]


def test_half_of_the_way_back_is_repairing() -> None:
    assert states(read_totals(80, 80, 80, 80, 40, 60, 62)) == [*["steady"] * 4, "rupture", "repairing", "repairing"]


def test_words_alone_open_an_episode_and_words_close_it() -> None:
    course = read(
        Series(
            [
                Session(1, said=SaidSo.YES, talked=Talked.NOT_MENTIONED),
                Session(2, said=SaidSo.YES, talked=Talked.MENTIONED),
                Session(3, said=SaidSo.A_LITTLE, talked=Talked.BETTER),
            ]
        ),
        PROJECT_FORM,
    )

    assert states(course) == ["rupture", "rupture", "repaired"]
    assert course.episodes[0].m_pre is None
    assert course.episodes[0].verdict is Talked.BETTER
    assert course.readings[2].sentence.template == "repaired_unmeasured"


def test_words_alone_without_a_better_one_are_unrepaired_at_the_third() -> None:
    course = read(Series([Session(n, said=SaidSo.YES) for n in range(1, 5)]), PROJECT_FORM)

    assert states(course) == ["rupture", "rupture", "rupture", "unrepaired"]


def test_numbers_back_but_still_said_so_is_not_repaired() -> None:
    course = read(
        Series([*totals(80, 80, 80, 40).sessions, session(5, 82, "yes", "worse"), session(6, 82, "yes", "better")]),
        PROJECT_FORM,
    )

    assert states(course)[3:] == ["rupture", "repairing", "repaired"]


def test_said_so_at_a_high_total_is_never_on_the_way_back() -> None:
    """Nothing fell, so there is no half of the way: their words keep it open."""
    course = read(
        Series([*totals(80, 80, 80).sessions, session(4, 90, "yes"), session(5, 92, "yes"), session(6, 90, "no")]),
        PROJECT_FORM,
    )

    assert states(course)[3:] == ["rupture", "rupture", "repaired"]
    assert course.readings[4].sentence.template == "rupture_continuing_unmeasured"


def test_with_one_earlier_session_that_one_is_what_was_usual() -> None:
    course = read(Series([session(1, 80), session(2, 40, "yes")]), PROJECT_FORM)

    assert (course.episodes[0].m_pre, course.episodes[0].s_pre) == (80, PROJECT_FORM.sigma0)


def test_strain_without_a_total_opens_and_the_next_total_is_the_lowest() -> None:
    course = read(
        Series([*totals(80, 80, 80).sessions, session(4, None, "yes"), session(5, 50), session(6, 66)]), PROJECT_FORM
    )

    assert states(course)[3:] == ["rupture", "rupture", "repairing"]
    assert course.episodes[0].lowest == 50


def test_a_gap_leaves_the_state_as_it_is_and_counts_for_nothing() -> None:
    course = read_totals(80, 80, 80, 40, None, 44, 46, 44)

    assert states(course)[3:] == ["rupture", "rupture", "rupture", "rupture", "unrepaired"]
    assert course.readings[4].sentence.params == {"k": 1, "reasons": ["not_offered"]}


def test_a_step_and_a_level_together_open_an_episode_but_neither_alone() -> None:
    step_alone = read_totals(39, 39.5, 39, 39.5, 39, 36, rules=replace(SRS_LIKE, z_rupture=-99, z_strained=-99))
    both = read_totals(40, 34.9, rules=SRS_LIKE)

    assert states(step_alone)[-1] == "steady"
    assert (states(both)[-1], codes(both.readings[-1])) == ("rupture", ["S1", "S2"])
    assert both.readings[-1].sentence.template == "rupture_step_and_level"
    assert both.readings[-1].sentence.params == {"x": 34.9, "prev": 40.0, "diff": 5.1, "cut": 36.0}


def test_a_form_that_did_not_come_back_takes_nothing_from_an_open_rupture() -> None:
    course = read_totals(80, 82, 78, 80, 40, None)

    assert course.state.value == "rupture"
    assert course.sentence == course.readings[-2].sentence
    assert course.readings[-1].sentence.template == "gap"


def test_a_step_reaches_back_over_one_gap_only() -> None:
    one = read_totals(80, None, 60)
    two = read_totals(80, None, None, 60)

    assert codes(one.readings[-1]) == ["S1"]
    assert one.readings[-1].signals[0].sentence.template == "s1_step_across_gap"
    assert codes(two.readings[-1]) == []


def test_three_tops_in_a_row_are_a_flat_ceiling() -> None:
    assert codes(read_totals(100, 100, 100).readings[-1]) == ["S6"]
    assert codes(read_totals(96, 96, 96).readings[-1]) == []
    assert codes(read_totals(100, 98, 100).readings[-1]) == []


def test_a_slow_fall_is_a_drift() -> None:
    course = read_totals(90, 85, 80, 75, 70)

    assert [codes(r) for r in course.readings[3:]] == [["S5"], ["S3", "S5"]]


def test_the_slope_is_the_median_of_all_slopes_per_session() -> None:
    assert theil_sen([Point(1, 10), Point(2, 8), Point(3, 6), Point(4, 4), Point(5, 100)]) == pytest.approx(-2)


def test_the_chart_is_drawn_from_five_sessions_on_and_never_moves_the_state() -> None:
    course = read_totals(80, 82, 80, 82, 80, 74)

    assert codes(course.readings[-1]) == ["S4"]
    assert states(course)[-1] == "steady"


def test_a_history_without_any_movement_has_no_chart() -> None:
    assert lower_limit([Point(1, 80)]) is None
    assert codes(read_totals(80, 80, 80, 80, 80, 78).readings[-1]) == []


def with_mirrors(*pairs: tuple[float, float]) -> Series:
    return Series([Session(n, total=c, mirror=Mirror(t, None, blind=True)) for n, (c, t) in enumerate(pairs, 1)])


def test_a_fall_only_the_client_felt_is_unseen_strain() -> None:
    course = read(with_mirrors((80, 70), (80, 72), (80, 70), (60, 74)), PROJECT_FORM)

    assert codes(course.readings[-1]) == ["S1", "S3", "S7"]
    assert course.readings[-1].signals[-1].sentence.template == "s7_unseen_strain"


def test_a_fall_both_felt_is_seen() -> None:
    course = read(with_mirrors((80, 70), (80, 72), (80, 70), (60, 50)), PROJECT_FORM)

    assert codes(course.readings[-1]) == ["S1", "S3"]


def test_strain_the_therapist_alone_noted_is_for_the_therapist() -> None:
    noted = Session(1, total=80, said=SaidSo.NO, mirror=Mirror(60, SaidSo.YES, blind=True))

    assert codes(read(Series([noted]), PROJECT_FORM).readings[0]) == ["S7b"]


def silent(number: int, reason: Missing = Missing.NO_ANSWER) -> Session:
    return Session(number, missing=reason)


def test_silence_is_two_in_a_row_after_two_returned() -> None:
    course = read(Series([*totals(80, 80).sessions, silent(3), silent(4, Missing.DECLINED), silent(5)]), PROJECT_FORM)
    too_few = read(Series([session(1, 80), silent(2), silent(3)]), PROJECT_FORM)

    assert [codes(r) for r in course.readings[2:]] == [[], ["S8"], ["S8"]]
    assert codes(too_few.readings[-1]) == []


@pytest.mark.parametrize("reason", [Missing.TECHNICAL, Missing.UNABLE, Missing.NOT_OFFERED, Missing.AWAITED])
def test_what_was_nobodys_choice_neither_counts_nor_breaks_the_silence(reason: Missing) -> None:
    course = read(Series([*totals(80, 80).sessions, silent(3), silent(4, reason), silent(5)]), PROJECT_FORM)

    assert [codes(r) for r in course.readings[2:]] == [[], [], ["S8"]]


def test_answers_kept_back_count_as_returned() -> None:
    course = read(Series([*totals(80, 80).sessions, silent(3), silent(4, Missing.NOT_SHARED), silent(5)]), PROJECT_FORM)

    assert codes(course.readings[-1]) == []


def decision(before: int, kind: DecisionKind) -> Decision:
    return Decision(before, kind, "change_of_delivery", NOW, NOW.date(), "therapist")


def test_after_a_restart_the_usual_range_is_learnt_anew() -> None:
    course = read(Series(totals(80, 80, 80, 40, 42, 40).sessions, [decision(4, DecisionKind.RESTARTED)]), PROJECT_FORM)

    assert states(course) == ["steady"] * 6
    assert [r.n for r in course.readings] == [0, 1, 2, 0, 1, 2]


def test_the_end_of_therapy_leaves_an_open_episode_unrepaired() -> None:
    course = read(Series(totals(80, 80, 80, 40).sessions, [decision(5, DecisionKind.ENDED)]), PROJECT_FORM)

    assert course.state == "unrepaired"
    assert course.sentence.template == "unrepaired_ended"
    assert states(course)[-1] == "rupture"


def test_the_end_of_therapy_without_an_episode_says_nothing_new() -> None:
    course = read(Series(totals(80, 80, 80).sessions, [decision(4, DecisionKind.ENDED)]), PROJECT_FORM)

    assert (course.state, course.sentence.template) == ("steady", "steady")


@pytest.mark.parametrize(
    ("value", "seen"), [(38.25, 38.3), (38.24, 38.2), (0.05, 0.1), (100.0, 100.0), (33.4617, 33.5)]
)
def test_numbers_are_rounded_half_up_for_display(value: float, seen: float) -> None:
    assert shown(value) == seen


NOT_MORE_THAN_ITS_STEP = [(80, 80, 80, 40), (80, 82, 80, 40, 42), (80, 78, 80, 80, 40, 42, 44)]


@pytest.mark.parametrize("answers", NOT_MORE_THAN_ITS_STEP)
def test_one_single_drop_is_not_announced_as_slowly_lower(answers: tuple[float, ...]) -> None:
    first, second = read_totals(*answers), read_totals(*answers, rules=READER_2)

    assert "S5" in codes(first.readings[-1])  # as it was said, and is replayed
    assert "S5" not in codes(second.readings[-1])


@pytest.mark.parametrize(
    "answers", [(90, 85, 80, 75), (84, 80, 76, 72, 68), (90, 82, 86, 78, 74, 70), (80, 70, 60, 50)]
)
def test_a_fall_over_several_sessions_is_slowly_lower(answers: tuple[float, ...]) -> None:
    last = read_totals(*answers, rules=READER_2).readings[-1]

    drift = next(signal for signal in last.signals if signal.code == "S5")
    assert drift.rule_version == "2"
    assert float(str(drift.numbers["rest"])) <= -2  # a quarter of the starting spread a session


def test_a_fall_across_a_gap_may_have_come_slowly() -> None:
    assert "S5" in codes(read_totals(80, 82, None, 58, 60, rules=READER_2).readings[-1])


def test_without_a_starting_spread_nothing_is_compared_with_a_usual_range() -> None:
    bare = replace(SRS_LIKE, sigma0=None)
    course = read(Series([*totals(40, 40, 40, 20, 30).sessions, session(6, 30, "yes"), session(7, 30, "no")]), bare)

    assert [codes(r) for r in course.readings] == [[], [], ["S6"], ["S2"], ["S2"], ["S2", "S9"], ["S2"]]
    assert states(course) == [*["steady"] * 5, "rupture", "repaired"]
    assert {(r.usual, r.z, r.too_early) for r in course.readings} == {(None, None, False)}
    assert course.readings[3].sentence.template == "steady_not_compared"


def test_a_version_is_all_in_its_name() -> None:
    learnt = named("reader-2+sigma-7.4")

    assert (learnt.sigma0, replace(learnt, version="reader-2", sigma0=8.0)) == (7.4, READER_2)
    for name in (
        "reader-3",
        "reader-2+sigma-0.0",
        "reader-2+sigma-7",
        "THIS_SERVICE-2",
        "reader-2+sigma-7.44",
        "reader-٢",
        "",
    ):
        with pytest.raises(RulesUnknown):
            named(name)


def test_reader_1_is_what_it_was() -> None:
    """Released: whatever is to read differently is a new version."""
    assert repr(RULES["reader-1"]) == (
        "ReaderRules(version='reader-1', sigma0=8.0, maximum=100.0, cut=None, items=5, needed=4, nu0=4.0, base_len=8, "
        "band_width=2.0, step_k=2.0, step_reach=2, z_rupture=-2.0, z_strained=-1.25, chart_min_n=5, drift_min_n=4, "
        "drift_max_n=8, drift_k=0.5, drift_rest=None, ceiling_share=0.975, ceiling_run=3, unseen_z=2.0, silence_run=2, "
        "silence_needs=2, half_way=0.5, tolerance=0.5, repair_window=3)"
    )


@pytest.mark.parametrize(
    ("sd", "sessions", "version"),
    [(7.44, 200, "reader-2+sigma-7.4"), (7.44, 199, None), (8.04, 900, None), (0.2, 900, None), (60.0, 900, None)],
)
def test_a_clinics_own_spread_is_proposed_from_two_hundred_sessions_on(
    sd: float, sessions: int, version: str | None
) -> None:
    assert proposal(Pooled(sd, sessions, 40), READER_2).version == version


def test_the_spread_within_clients_is_not_that_between_them() -> None:
    found = pooled([CourseSpread(3, 8.0), CourseSpread(1, 0.0), CourseSpread(3, 24.0)])

    assert found is not None
    assert (found.sessions, found.courses) == (6, 2)
    assert found.sd == pytest.approx(8**0.5)
    assert pooled([CourseSpread(1, 0.0)]) is None
