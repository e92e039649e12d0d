"""The definitions of NHS Talking Therapies."""

from itertools import product

import pytest

from services.feedback.outcome.domain.nhs import (
    ANXIETY_MEASURES,
    NhsChange,
    NhsCounts,
    Paired,
    count,
    is_finished_course,
    nhs_outcome,
)


def test_nhs_june_2020() -> None:
    counts = NhsCounts(finished=57_060, not_at_caseness=3_200, recovered=27_884, improved=39_417)
    shares = {rate.code: rate.share for rate in counts.rates}

    assert shares["recovery"] == pytest.approx(0.51771, abs=5e-6)
    assert shares["reliable_improvement"] == pytest.approx(0.69080, abs=5e-6)


@pytest.mark.parametrize(("phq", "gad"), list(product((9, 10), (7, 8))))
def test_a_case_is_a_case_on_either_measure(phq: int, gad: int) -> None:
    outcome = nhs_outcome(Paired(phq, 0), Paired(gad, 0))

    assert outcome.caseness == outcome.recovery == (phq >= 10 or gad >= 8)


@pytest.mark.parametrize(("phq", "gad"), list(product((9, 10), (7, 8))))
def test_recovery_is_below_both_thresholds_at_the_last(phq: int, gad: int) -> None:
    assert nhs_outcome(Paired(20, phq), Paired(15, gad)).recovery == (phq < 10 and gad < 8)


@pytest.mark.parametrize(
    ("phq", "gad", "change"),
    [
        ((16, 10), (10, 10), NhsChange.IMPROVED),
        ((16, 11), (10, 10), NhsChange.NONE),
        ((16, 11), (10, 6), NhsChange.IMPROVED),
        ((16, 10), (10, 14), NhsChange.MIXED),
        ((16, 10), (10, 13), NhsChange.IMPROVED),
        ((10, 16), (10, 10), NhsChange.DETERIORATED),
        ((10, 16), (10, 6), NhsChange.MIXED),
        ((10, 16), (10, 14), NhsChange.DETERIORATED),
    ],
)
def test_two_measures_speak_together(phq: tuple[int, int], gad: tuple[int, int], change: NhsChange) -> None:
    assert nhs_outcome(Paired(*phq), Paired(*gad)).change is change


def test_a_recovery_is_reliable_only_with_a_reliable_improvement() -> None:
    assert not nhs_outcome(Paired(10, 9), Paired(5, 5)).reliable_recovery
    assert nhs_outcome(Paired(15, 9), Paired(5, 5)).reliable_recovery
    assert not nhs_outcome(Paired(15, 9), Paired(3, 7)).reliable_recovery  # one reliably better, one reliably worse


def test_another_anxiety_measure_brings_its_own_thresholds() -> None:
    outcome = nhs_outcome(Paired(5, 5), Paired(40, 20), ANXIETY_MEASURES["OCI"])

    assert (outcome.caseness, outcome.recovery, outcome.change) == (True, True, NhsChange.NONE)


@pytest.mark.parametrize(("discharged", "sessions", "finished"), [(True, 2, True), (True, 1, False), (False, 9, False)])
def test_a_course_is_finished_after_two_sessions_and_a_discharge(
    discharged: bool, sessions: int, finished: bool
) -> None:
    assert is_finished_course(discharged=discharged, treatment_sessions=sessions) is finished


def test_those_who_were_no_case_are_not_asked_to_recover() -> None:
    counts = count(
        [
            nhs_outcome(Paired(16, 5), Paired(10, 3)),
            nhs_outcome(Paired(16, 16), Paired(10, 10)),
            nhs_outcome(Paired(8, 1), Paired(5, 5)),
            nhs_outcome(Paired(8, 14), Paired(5, 5)),
        ]
    )

    assert {rate.code: (rate.count, rate.of) for rate in counts.rates} == {
        "recovery": (1, 2),
        "reliable_improvement": (2, 4),
        "reliable_deterioration": (1, 4),
        "reliable_recovery": (1, 2),
    }


def test_a_rate_of_nobody_is_no_rate() -> None:
    assert {rate.share for rate in count([]).rates} == {None}
