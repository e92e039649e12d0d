"""How treatments end, in the clinic's figures: equal by hand, for clinical leads alone, and never about a few."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean, stdev
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from docs.reproduce.figures import figures as reproduced
from services.feedback.measures.store import definitions
from services.feedback.outcome.domain.caseloads import LEAST_IN_A_CELL
from services.feedback.outcome.domain.nhs import Paired, nhs_outcome
from services.feedback.reporting.domain.disclosure_control import Withheld
from services.feedback.reporting.domain.figures import Span
from services.feedback.reporting.domain.outcome_figures import FinishedTreatment, measure_figures, nhs_figures
from tests.cast import ANA, CHRIS, LEAD
from tests.feedback.exports.exported import fetch_all
from tests.feedback.outcome.endings import BETTER, ENDINGS, RECOVERED, SAME, THERAPISTS, WORSE, Ending, finish
from tests.feedback.practice import Caller, Practice

Speak = Callable[..., Caller]
FIRST_QUARTER = {"from": "2026-01-01", "to": "2026-03-31"}
WHOLE_YEAR = Span(range(4), None)
PHQ, GAD = definitions.measures()["phq-9"], definitions.measures()["gad-7"]


def clinic(
    practice: Practice,
    endings: Sequence[Ending],
    therapists: Sequence[UUID] = THERAPISTS,
    consent: Sequence[str] = (),
) -> None:
    """Treatments that ended in the first quarter, which is over."""
    start = practice.clock()
    for n, ending in enumerate(endings):
        practice.clock.now = start
        client_id = finish(practice, ending, therapists[n % len(therapists)])
        for purpose in consent:
            practice.consent(client_id, purpose=purpose)
    practice.clock.now = datetime(2026, 4, 7, 9, tzinfo=UTC)


def outcome(call: Speak) -> Any:
    answer = call("clinical_lead", actor=LEAD.id).get("/v1/clinic/figures", **FIRST_QUARTER)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()["outcome"]


def shares(figures: Any) -> dict[str, tuple[Any, Any, Any]]:
    return {one["code"]: (one["n"], one["value"], one["why"]) for one in figures["shares"]}


def test_every_figure_is_the_one_made_by_hand(practice: Practice, call: Speak) -> None:
    clinic(practice, ENDINGS)

    told = outcome(call)

    gad, phq = told["measures"]
    assert (phq["short_name"], phq["version"], phq["n"], phq["why"]) == ("PHQ-9", 1, 24, None)
    assert shares(phq) == {
        "improvement": (24, 14 / 24, None),
        "no_change": (24, 5 / 24, None),
        "deterioration": (24, 5 / 24, None),
        "recovery": (24, 8 / 24, None),
    }
    assert [(part["codes"], part["n"]) for part in phq["parts"]] == [
        (["recovered"], 8),
        (["improved"], 6),
        (["unchanged"], 5),
        (["deteriorated"], 5),
    ]
    firsts, lasts = zip(*(ending[0] for ending in ENDINGS), strict=True)
    d = (fmean(firsts) - fmean(lasts)) / stdev(firsts) * (1 - 3 / (4 * 23 - 1))
    assert phq["effect_size"] == {"n": 24, "value": pytest.approx(d), "why": None}
    assert shares(gad)["recovery"] == (24, 8 / 24, None)
    assert shares(told["nhs"]) == {
        "caseness": (24, 1, None),
        "recovery": (24, 8 / 24, None),
        "reliable_improvement": (24, 14 / 24, None),
        "reliable_deterioration": (24, 5 / 24, None),
        "reliable_recovery": (24, 8 / 24, None),
    }


def test_what_was_not_shared_counts_nowhere(practice: Practice, call: Speak) -> None:
    start = practice.clock()
    clinic(practice, ENDINGS)
    before = outcome(call)
    for therapist in THERAPISTS * 3:
        practice.clock.now = start
        finish(practice, WORSE, therapist, last_shared=False)
    practice.clock.now = datetime(2026, 4, 7, 9, tzinfo=UTC)

    assert outcome(call) == before


def test_a_therapy_that_goes_on_is_in_no_figure(practice: Practice, call: Speak) -> None:
    start = practice.clock()
    clinic(practice, ENDINGS)
    before = outcome(call)
    practice.clock.now = start
    finish(practice, RECOVERED, ANA.id, ends=False)
    practice.clock.now = datetime(2026, 4, 7, 9, tzinfo=UTC)

    assert outcome(call) == before


def test_an_export_made_again_by_the_documented_script_counts_the_same(
    practice: Practice, call: Speak, tmp_path: Path
) -> None:
    clinic(practice, ENDINGS, consent=("research",))

    for name, text in fetch_all(call("clinical_lead", actor=LEAD.id)).items():
        (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    made = reproduced(tmp_path)["reliable_change"]

    for told in outcome(call)["measures"]:
        own = {code: round(n * share) for code, (n, share, _) in shares(told).items()}
        assert made[told["measure_id"]] == {
            "n": told["n"],
            "improved": own["improvement"],
            "deteriorated": own["deterioration"],
        }
    assert made["phq-9"]["n"] == 24


def test_managers_hear_nothing_and_no_answer_names_anybody(practice: Practice, call: Speak) -> None:
    clinic(practice, ENDINGS)

    managers = call("manager", actor=CHRIS.id).get("/v1/clinic/figures", **FIRST_QUARTER).get_json()
    text = json.dumps(outcome(call))

    assert managers["outcome"] is None
    assert not any(word in json.dumps(managers) for word in ("PHQ", "recover", "improve"))
    known = {str(row["client_id"]) for row in practice.rows("SELECT client_id FROM client")}
    assert not any(one in text for one in known | {str(therapist) for therapist in THERAPISTS})
    assert "practitioner" not in text


def test_a_small_clinic_is_told_that_there_are_too_few(practice: Practice, call: Speak) -> None:
    clinic(practice, [RECOVERED] * 9)

    told = outcome(call)

    phq = told["measures"][1]
    assert shares(phq)["improvement"] == (9, None, "suppressed_small_n")
    assert (phq["effect_size"], phq["parts"]) == ({"n": 9, "value": None, "why": "suppressed_small_n"}, [])
    assert set(shares(told["nhs"]).values()) == {(9, None, "suppressed_small_n")}


def test_of_two_therapists_nothing_is_told(practice: Practice, call: Speak) -> None:
    clinic(practice, ENDINGS, THERAPISTS[:2])

    told = outcome(call)

    phq = told["measures"][1]
    assert (phq["n"], phq["why"], phq["effect_size"]["why"]) == (None, "too_few_therapists", "too_few_therapists")
    assert set(shares(told["nhs"]).values()) == {(None, None, "too_few_therapists")}


def treated(ending: Ending, n: int, *, quarter: int = 0, sessions: int = 2) -> FinishedTreatment:
    phq, gad = ending
    pairs = {("phq-9", 1): Paired(*phq), ("gad-7", 1): Paired(*gad)}
    return FinishedTreatment(quarter, UUID(int=n % 4), sessions, pairs)


def many(*endings: tuple[Ending, int], **more: int) -> list[FinishedTreatment]:
    return [treated(ending, n, **more) for ending, times in endings for n in range(times)]


def test_no_effect_size_below_twenty_cases_and_none_without_a_spread() -> None:
    few = measure_figures(PHQ, many((RECOVERED, 10), (SAME, 9)), WHOLE_YEAR).effect_size
    enough = measure_figures(PHQ, many((RECOVERED, 10), (SAME, 10)), WHOLE_YEAR).effect_size
    alike = measure_figures(PHQ, many((RECOVERED, 20)), WHOLE_YEAR).effect_size

    assert (few.n, few.value, few.why) == (19, None, Withheld.SUPPRESSED_SMALL_N)
    assert enough.value is not None
    assert (alike.value, alike.why) == (None, Withheld.ALL_ALIKE)


def test_the_few_who_are_worse_are_told_with_those_who_are_as_they_were() -> None:
    found = measure_figures(PHQ, many((RECOVERED, 12), (BETTER, 9), (SAME, 7), (WORSE, 2)), WHOLE_YEAR)

    told = {share.code: (share.value, share.why) for share in found.shares}
    assert told["improvement"] == (21 / 30, None)
    assert told["recovery"] == (12 / 30, None)
    assert told["no_change"] == told["deterioration"] == (None, Withheld.TOO_FEW)
    assert [(part.codes, part.n) for part in found.parts] == [
        (("recovered",), 12),
        (("improved",), 9),
        (("unchanged", "deteriorated"), 9),
    ]


def test_an_effect_size_is_about_the_people_who_are_counted() -> None:
    before = many((RECOVERED, 10), (SAME, 10))
    begun = many((WORSE, 2), quarter=1)

    now_running = measure_figures(PHQ, [*before, *begun], Span(range(4), 1))

    assert now_running.effect_size == measure_figures(PHQ, before, WHOLE_YEAR).effect_size
    assert now_running.n == 20


def test_without_a_published_reliable_change_none_is_counted() -> None:
    psychlops = definitions.measures()["psychlops"]
    pairs = {("psychlops", psychlops.version): Paired(16, 4)}

    found = measure_figures(psychlops, [FinishedTreatment(0, UUID(int=n % 3), 2, pairs) for n in range(30)], WHOLE_YEAR)

    assert (found.n, found.shares, found.parts) == (30, (), ())


def test_a_course_of_one_session_is_not_finished_and_one_measure_makes_no_pair() -> None:
    alone = [FinishedTreatment(0, UUID(int=n), 5, {("phq-9", 1): Paired(18, 8)}) for n in range(30)]

    assert nhs_figures(many((RECOVERED, 30), sessions=1), WHOLE_YEAR) is None
    assert nhs_figures(alone, WHOLE_YEAR) is None


NOT_A_CASE: Ending = ((6, 5), (4, 4))
# A case whose total falls below both thresholds by less than a reliable change.
JUST_BELOW: Ending = ((11, 9), (7, 7))


def rates(*endings: tuple[Ending, int]) -> dict[str, tuple[int | None, float | None]]:
    found = nhs_figures(many(*endings), WHOLE_YEAR)
    assert found is not None
    return {share.code: (share.n, share.value) for share in found.shares}


def test_recovery_is_counted_among_those_who_began_as_a_case() -> None:
    told = rates((RECOVERED, 12), (SAME, 8), (NOT_A_CASE, 10), (JUST_BELOW, 5))

    assert told["caseness"] == (35, 25 / 35)
    assert told["recovery"] == (25, 17 / 25)
    assert told["reliable_recovery"] == (25, 12 / 25)
    assert told["reliable_improvement"] == (35, 12 / 35)


def test_how_many_were_no_case_cannot_be_worked_out_when_they_are_few() -> None:
    told = rates((RECOVERED, 12), (SAME, 18), (NOT_A_CASE, 2))

    assert told["recovery"] == told["reliable_recovery"] == (None, None)
    assert told["reliable_improvement"] == (32, 12 / 32)


def test_the_few_who_recovered_within_chance_cannot_be_worked_out() -> None:
    told = rates((RECOVERED, 12), (SAME, 18), (JUST_BELOW, 2))

    assert told["recovery"] == (32, 14 / 32)
    assert told["reliable_recovery"] == (32, None)


def test_the_few_cases_who_did_not_recover_cannot_be_worked_out() -> None:
    told = rates((RECOVERED, 6), (SAME, 4), (NOT_A_CASE, 5))

    assert told["recovery"] == told["reliable_recovery"] == (10, None)


endings = st.lists(
    st.tuples(st.sampled_from([RECOVERED, BETTER, SAME, WORSE, NOT_A_CASE, JUST_BELOW]), st.integers(0, 12)), max_size=8
)


@settings(max_examples=200, deadline=None)
@given(endings)
def test_the_rates_of_a_year_never_give_away_a_few(some: list[tuple[Ending, int]]) -> None:
    treatments = many(*some)
    found = nhs_figures(treatments, WHOLE_YEAR)
    outcomes = [nhs_outcome(one.paired["phq-9", 1], one.paired["gad-7", 1]) for one in treatments]
    told = {} if found is None else {share.code: share for share in found.shares if share.value is not None}

    def count(code: str) -> int:
        share = told[code]
        assert share.n is not None
        assert share.value is not None
        return round(share.n * share.value)

    differences = [share.n for share in told.values() if share.n is not None]
    exact = {code for code, share in told.items() if not share.at_least}
    for code in exact:
        share = told[code]
        assert share.n is not None
        differences += [count(code), share.n - count(code)]
    for wider in exact & {"recovery", "reliable_improvement"}:
        if "reliable_recovery" in exact:
            differences.append(count(wider) - count("reliable_recovery"))
    if "recovery" in exact:
        assert count("recovery") == sum(one.recovery for one in outcomes)
        differences.append(len(outcomes) - (told["recovery"].n or 0))
    assert [n for n in differences if 0 < n < LEAST_IN_A_CELL] == [], (some, found)
