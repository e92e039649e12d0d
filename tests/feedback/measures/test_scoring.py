"""Totals: each instrument's own rule, its own limit for what may be left out, and what others got wrong."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feedback.measures.domain import Fill, Item, Kind, Measure, Method
from services.feedback.measures.domain.answers import Answer, AnswersRefused, take_answers
from services.feedback.measures.domain.scoring import TotalsRefused, score, score_total, turned_round
from services.feedback.measures.store.definitions import measure, measures

NEWEST = measures()
SCORED = sorted(m.id for m in NEWEST.values() if m.scoring.items)


def same(name: str, answer: float, *, without: tuple[str, ...] = ()) -> dict[str, float]:
    """The same answer to every scored item, but for some that are skipped."""
    return {item: answer for item in NEWEST[name].scoring.items if item not in without}


def answered(name: str, *answers: float) -> dict[str, float]:
    """These answers to the first items."""
    return dict(zip(NEWEST[name].scoring.items, answers, strict=False))


def total(name: str, answers: dict[str, Any]) -> float | None:
    return score(NEWEST[name], answers).total


def test_prorate() -> None:
    """The worked example of the clinical reference."""
    phq = score(NEWEST["phq-9"], answered("phq-9", 2, 2, 2, 2, 2, 1, 1))
    nine = score(NEWEST["core-10"], {"q1": 4, "q2": 4, "q3": 4, "q4": 4, "q5": 4, "q6": 4, "q7": 1, "q8": 0, "q9": 0})
    eight = score(NEWEST["core-10"], answered("core-10", 1, 1, 1, 1, 1, 1, 1, 1))

    assert phq.total == pytest.approx(15.43, abs=0.005)
    assert (phq.prorated, phq.answered) == (True, 7)
    assert nine.total == pytest.approx(18.89, abs=0.005)  # a sum of 17 once items 2 and 3 are turned round
    assert nine.prorated
    assert (eight.total, eight.prorated, eight.needed) == (None, False, 9)


@pytest.mark.parametrize(
    ("name", "may_be_left_out"),
    [
        ("phq-9", 2),
        ("phq-8", 0),
        ("phq-2", 0),
        ("phq-4", 0),
        ("gad-7", 1),
        ("gad-2", 0),
        ("core-10", 1),
        ("core-om", 3),
        ("wsas", 1),
        ("wemwbs", 3),
        ("swemwbs", 0),
        ("ors", 0),
        ("srs", 0),
        ("wai-sr", 0),
        ("arm-5", 0),
        ("haq-ii", 0),
        ("session-checkin", 1),
        ("session-checkin-mirror", 1),
    ],
)
def test_each_instrument_says_how_many_may_be_left_out(name: str, may_be_left_out: int) -> None:
    items = NEWEST[name].scoring.items

    assert total(name, same(name, 1, without=items[:may_be_left_out])) is not None
    assert total(name, same(name, 1, without=items[: may_be_left_out + 1])) is None


def test_core_om_does_not_turn_item_30_round() -> None:
    """awell-score does, and calls the scale by another name (2.16 b)."""
    om = NEWEST["core-om"]

    assert om.scoring.reversed == {f"q{n}" for n in (3, 4, 7, 12, 19, 21, 31, 32)}
    assert (om.id, om.name_code, om.short_name) == ("core-om", "core_om", "CORE-OM")
    higher = score(om, same("core-om", 1) | {"q30": 4}).total
    lower = score(om, same("core-om", 1)).total
    assert higher is not None
    assert lower is not None
    assert higher > lower


def test_core_10_is_not_made_of_eight_items() -> None:
    """CamCOPS makes it of any number (2.16 c)."""
    made = [total("core-10", answered("core-10", *[2] * count)) for count in range(11)]

    assert [value is not None for value in made] == [False] * 9 + [True, True]


def test_core_om_has_a_limit_for_every_domain() -> None:
    full = score(NEWEST["core-om"], same("core-om", 2))
    assert full.subscales == {"wellbeing": 20, "problems": 20, "functioning": 20, "risk": 20, "non_risk": 20}

    left_out = {"wellbeing": ("q14",), "problems": ("q2", "q5"), "functioning": ("q1", "q3"), "risk": ("q16",)}
    for domain, items in left_out.items():
        made = score(NEWEST["core-om"], same("core-om", 2, without=items))
        assert made.subscales[domain] is None, domain
        assert made.total is not None
    one = score(NEWEST["core-om"], same("core-om", 2, without=("q2", "q1")))
    assert (one.subscales["problems"], one.subscales["functioning"]) == (20, 20)
    four = score(NEWEST["core-om"], same("core-om", 2, without=("q2", "q1", "q5", "q7")))
    assert (four.total, four.subscales["non_risk"]) == (None, None)


def test_nobody_at_work_is_scored_on_the_four_other_items() -> None:
    at_work = score(NEWEST["wsas"], same("wsas", 8))
    without: dict[str, Answer] = {"not_working": "yes", **same("wsas", 8, without=("q1",))}
    retired = score(NEWEST["wsas"], without)

    assert (at_work.total, at_work.maximum, at_work.prorated) == (40, 40, False)
    assert (retired.total, retired.maximum, retired.prorated) == (32, 32, False)
    assert score(NEWEST["wsas"], without | {"q1": 8}).total == 32  # an answer that does not apply counts for nothing
    del without["q2"]
    assert score(NEWEST["wsas"], without).total is None
    assert score(NEWEST["wsas"], same("wsas", 4, without=("q1",))).total == 20  # left out at work: 16 * 5 / 4


def test_a_blank_second_problem_counts_as_the_first_again() -> None:
    answers = {"problem_1": 4, "hard_to_do": 3, "wellbeing": 2}

    made = score(NEWEST["psychlops"], answers)

    assert (made.total, made.prorated) == (13, True)
    assert total("psychlops", answers | {"problem_2": 1}) == 10
    for needed in answers:
        assert total("psychlops", {k: v for k, v in answers.items() if k != needed}) is None


def test_goals_are_averaged_over_as_many_as_there_are() -> None:
    assert total("gbo", {}) is None
    two = score(NEWEST["gbo"], {"goal_1": 3, "goal_2": 6})
    assert (two.total, two.items, two.prorated) == (4.5, 2, False)


@pytest.mark.parametrize(("raw", "metric"), [(7, 7.00), (8, 9.51), (21, 19.25), (28, 25.03), (34, 32.55), (35, 35.00)])
def test_swemwbs_goes_through_its_table(raw: int, metric: float) -> None:
    each, more = divmod(raw, 7)
    assert total("swemwbs", answered("swemwbs", *[each + 1] * more, *[each] * (7 - more))) == metric


def test_the_table_rises_and_ends_where_the_scale_ends() -> None:
    table = NEWEST["swemwbs"].scoring.table

    assert list(table) == list(range(7, 36))
    assert list(table.values()) == sorted(set(table.values()))


def test_wemwbs_fills_up_to_three_items_with_the_mean() -> None:
    assert total("wemwbs", same("wemwbs", 3, without=("q1", "q2", "q3"))) == 42


def test_lines_are_added_up_as_on_paper() -> None:
    made = score(NEWEST["ors"], {"q1": 0.1, "q2": 6.5, "q3": 9.7, "q4": 8.7})

    assert made.total == 25.0  # added up as floats it is a hair less, on the other side of the cut-off
    assert total("ors", {"q1": 0.0, "q2": 0.0, "q3": 0.0, "q4": 0.0}) == 0
    assert total("ors", {"q1": 9.0, "q2": 9.0, "q3": 9.0}) is None  # zero never stands for missing


def test_the_third_item_of_arm_5_is_turned_round_and_the_mean_taken() -> None:
    assert total("arm-5", answered("arm-5", 7, 7, 1, 7, 7)) == 7
    assert total("arm-5", answered("arm-5", 7, 7, 7, 7, 7)) == pytest.approx(5.8)


def test_the_alliance_has_its_three_parts() -> None:
    made = score(NEWEST["wai-sr"], same("wai-sr", 5) | {"q3": 1, "q4": 2})

    assert (made.total, dict(made.subscales)) == (53, {"task": 20, "bond": 16, "goal": 17})


def test_preferences_have_parts_and_no_total() -> None:
    made = score(NEWEST["c-nip"], {f"q{n}": 3 for n in range(1, 14)})

    assert made.total is None
    assert dict(made.subscales) == {
        "directiveness": 15,
        "intensity": 15,
        "past_present": 9,
        "support_challenge": None,
    }


@pytest.mark.parametrize(
    ("name", "item", "quiet", "loud"),
    [("phq-9", "q9", 0, 1), ("core-10", "q6", 0, 1), ("core-om", "q34", 0, 1), ("oq-45", "q8", 0, 1)],
)
def test_a_risk_answer_is_raised_whatever_the_total(name: str, item: str, quiet: int, loud: int) -> None:
    asked = NEWEST[name]

    assert score(asked, {item: loud}).raised == (item,)
    assert score(asked, {item: quiet}).raised == ()
    assert item not in score(asked, {item: quiet}).missing_risk


def test_a_skipped_risk_item_is_missing_and_not_a_no() -> None:
    made = score(NEWEST["phq-9"], same("phq-9", 1, without=("q9",)))

    assert (made.total, made.raised, made.missing_risk) == (9, (), ("q9",))


@pytest.mark.parametrize("name", SCORED)
@given(data=st.data())
def test_a_total_lies_within_the_range_and_the_order_of_answers_does_not_matter(name: str, data: st.DataObject) -> None:
    asked = NEWEST[name]
    answers = data.draw(some_answers(asked))
    shuffled = dict(data.draw(st.permutations(list(answers.items()))))

    made = score(asked, answers)

    assert made == score(asked, shuffled)
    assert made.total is None or asked.scoring.minimum - 1e-9 <= made.total <= made.maximum + 1e-9
    for part in asked.subscales:
        value = made.subscales[part.id]
        assert value is None or part.minimum - 1e-9 <= value <= part.maximum + 1e-9


@pytest.mark.parametrize("name", SCORED)
@given(data=st.data())
def test_turning_round_twice_changes_nothing(name: str, data: st.DataObject) -> None:
    item = data.draw(st.sampled_from([i for i in NEWEST[name].items if i.kind.is_number]))
    value = data.draw(an_answer(item))
    assert isinstance(value, int | float)

    assert turned_round(item, turned_round(item, value)) == pytest.approx(value)


@pytest.mark.parametrize("name", [n for n in SCORED if NEWEST[n].scoring.method is Method.SUM])
@given(data=st.data())
def test_skipping_an_item_moves_the_total_no_further_than_its_own_points(name: str, data: st.DataObject) -> None:
    asked = NEWEST[name]
    answers = {item: data.draw(an_answer(asked.item(item))) for item in asked.scoring.items}
    skipped = data.draw(st.sampled_from(asked.scoring.items))
    item = asked.item(skipped)
    assert item is not None

    whole = score(asked, answers).total
    part = score(asked, {k: v for k, v in answers.items() if k != skipped}).total

    assert whole is not None
    assert part is None or abs(part - whole) <= item.maximum - item.minimum + 1e-9


def test_a_total_from_paper_says_that_it_is_one() -> None:
    made = score_total(NEWEST["phq-9"], 14)

    assert (made.total, made.typed, made.prorated) == (14, True, False)
    assert made.rule_id == "typed-from-paper:phq-9-sum-1"
    assert made.missing_risk == ("q9",)  # a total does not say what was answered there


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("phq-9", 28),
        ("phq-9", -1),
        ("phq-9", 13.5),
        ("phq-9", float("nan")),
        ("phq-9", float("inf")),
        ("phq-9", 10**400),
        ("phq-9", True),
        ("phq-9", "14"),
        ("phq-9", "１４"),
        ("phq-9", None),
        ("ors", 40.1),
        ("ors", 36.25),
        ("swemwbs", 19.5),
        ("swemwbs", 8),
        ("wai-sr", 11),
        ("session-checkin", 70),
        ("gbo", 5),
        ("sai", 5),
        ("c-nip", 5),
    ],
)
def test_a_total_the_measure_cannot_have_is_refused(name: str, value: Any) -> None:
    with pytest.raises(TotalsRefused) as refused:
        score_total(NEWEST[name], value)

    assert [field for field, _ in refused.value.errors] == ["total"]


def test_totals_of_subscales_are_taken_where_the_measure_has_them() -> None:
    oq = score_total(NEWEST["oq-45"], 70, {"symptom_distress": 40, "interpersonal_relations": 18, "social_role": 12})
    panas = score_total(NEWEST["panas"], None, {"positive_affect": 30})

    assert (oq.total, oq.subscales["social_role"]) == (70, 12)
    assert (panas.total, dict(panas.subscales)) == (None, {"positive_affect": 30, "negative_affect": None})
    for parts in ({"social_role": 37}, {"bond": 3}):
        with pytest.raises(TotalsRefused) as refused:
            score_total(NEWEST["oq-45"], 70, parts)
        assert [field for field, _ in refused.value.errors] == [f"subscales.{next(iter(parts))}"]
    with pytest.raises(TotalsRefused):
        score_total(NEWEST["panas"], None, {})


WRONG = [
    -1,
    4,
    1.5,
    2.0,
    float("nan"),
    float("inf"),
    -float("inf"),
    1e400,
    10**30,
    True,
    False,
    "2",
    "２",
    "",
    " ",
    "two",
]
WRONG += ["0x1", "1e0", None.__class__, [2], {"v": 2}, (1,), b"2", 2j, object(), "\u0662", "Not at all"]


@pytest.mark.parametrize("value", WRONG)
def test_a_rating_takes_its_whole_numbers_and_nothing_else(value: object) -> None:
    with pytest.raises(AnswersRefused) as refused:
        take_answers(NEWEST["phq-9"], {"q1": value})

    assert refused.value.errors == [("answers.q1", "Must be a whole number from 0 to 3.")]


@pytest.mark.parametrize(
    "value", [-0.1, 10.1, 7.35, 7.300000001, 1e-300, float("nan"), float("inf"), 10**400, True, "7.3"]
)
def test_a_line_takes_tenths_of_its_range_and_nothing_else(value: object) -> None:
    with pytest.raises(AnswersRefused) as refused:
        take_answers(NEWEST["srs"], {"q1": value})

    assert refused.value.errors == [("answers.q1", "Must be a number from 0 to 10, in steps of 0.1.")]


@pytest.mark.parametrize("tenths", range(101))
def test_every_tenth_of_a_line_is_an_answer(tenths: int) -> None:
    assert take_answers(NEWEST["srs"], {"q1": tenths / 10}) == {"q1": tenths / 10}


def test_how_hard_it_makes_things_is_asked_only_of_who_has_a_problem() -> None:
    phq = NEWEST["phq-9"]
    none: dict[str, Answer] = {**same("phq-9", 0), "functioning": "very"}

    assert "functioning" not in take_answers(phq, none)
    assert take_answers(phq, none | {"q4": 1})["functioning"] == "very"
    assert score(phq, take_answers(phq, none | {"q4": 1})).total == 1  # and is not scored


def test_a_measure_is_scored_by_the_version_it_was_taken_with() -> None:
    for name, newest in NEWEST.items():
        assert measure(name, newest.version) is newest


def an_answer(item: Item | None) -> st.SearchStrategy[Answer]:
    assert item is not None
    if item.kind is Kind.DECIMAL:
        return st.integers(0, 100).map(lambda tenths: tenths / 10)
    if item.kind.is_number:
        return st.integers(int(item.minimum), int(item.maximum))
    return st.sampled_from(sorted(item.codes))


def some_answers(asked: Measure) -> st.SearchStrategy[dict[str, Answer]]:
    return st.fixed_dictionaries(
        {}, optional={item.id: an_answer(item) for item in asked.items if item.kind is not Kind.TEXT}
    )


def test_only_goals_have_as_many_items_as_the_person_set() -> None:
    assert [name for name, m in NEWEST.items() if m.scoring.fill is Fill.AS_MANY_AS_SET] == ["gbo"]
