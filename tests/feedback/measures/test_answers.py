"""Answers, totals and measures: exactly as the definition says."""

import json
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.feedback.measures.domain import Side
from services.feedback.measures.domain.answers import AnswersRefused, take_answers
from services.feedback.measures.domain.scoring import score
from services.feedback.measures.store.definition_files import MeasureMalformed, read_measure
from services.feedback.measures.store.definitions import form_for, measures
from services.feedback.risk.domain.crisis import FICTIONAL, CrisisInformationIncomplete, crisis_information
from tests.feedback.conftest import NOW

FORM = form_for(Side.CLIENT)
MIRROR = form_for(Side.THERAPIST)
SCALES = ("b1", "g1", "t1", "e1", "o1")


@pytest.mark.parametrize(
    "value", [-1, 11, 10.0, 7.5, float("nan"), float("inf"), True, False, "7", "７", "", "seven", [7], {"v": 7}]
)
def test_a_scale_takes_whole_numbers_of_its_range_and_nothing_else(value: object) -> None:
    with pytest.raises(AnswersRefused) as refused:
        take_answers(FORM, {"b1": value})

    assert refused.value.errors == [("answers.b1", "Must be a whole number from 0 to 10.")]


@pytest.mark.parametrize("value", [0, 10, 7])
def test_both_ends_of_a_scale_are_answers(value: int) -> None:
    assert take_answers(FORM, {"b1": value}) == {"b1": value}


@pytest.mark.parametrize("value", ["maybe", "YES", " yes", 1, True, None.__class__, ["yes"]])
def test_a_choice_takes_its_codes_and_nothing_else(value: object) -> None:
    with pytest.raises(AnswersRefused) as refused:
        take_answers(FORM, {"r1": value})

    assert list(refused.value.problems) == ["r1"]


@pytest.mark.parametrize("value", ["a\x00b", "\ud800", "x" * 1001, 5, True])
def test_a_text_that_cannot_be_kept_is_refused(value: object) -> None:
    with pytest.raises(AnswersRefused):
        take_answers(FORM, {"w1": value})


def test_a_text_is_kept_character_by_character_after_composition() -> None:
    words = "O'Neil, Nun\u0303ez 李 عبد 👩‍👩‍👧 <b>=1+1</b>\n“…”"

    assert take_answers(FORM, {"w1": f"  {words} "})["w1"] == words.replace("n\u0303", "ñ")


def test_an_unknown_question_is_refused_by_its_name() -> None:
    with pytest.raises(AnswersRefused) as refused:
        take_answers(FORM, {"b1": 5, "b2": 5})

    assert refused.value.errors == [("answers.b2", "The form has no such question.")]


def test_every_question_can_be_skipped() -> None:
    assert take_answers(FORM, dict.fromkeys(item.id for item in FORM.items)) == {}
    assert all(item.optional for measure in measures().values() for item in measure.items)


def test_an_answer_to_a_question_that_is_hidden_again_is_dropped() -> None:
    assert take_answers(FORM, {"r1": "no", "r2": "worse"}) == {"r1": "no"}
    assert take_answers(FORM, {"r1": "a_little", "r2": "worse"}) == {"r1": "a_little", "r2": "worse"}
    assert take_answers(FORM, {"w1": " ", "w1_readers": "supervision"}) == {}


@given(st.dictionaries(st.sampled_from(SCALES), st.integers(0, 10)))
def test_a_total_is_ten_times_the_mean_of_at_least_four(answers: dict[str, int]) -> None:
    made = score(FORM, answers)

    assert made.answered == len(answers)
    if len(answers) < 4:
        assert made.total is None
    else:
        assert made.total == pytest.approx(sum(answers.values()) / len(answers) * 10)
        assert made.prorated == (len(answers) == 4)


@given(st.dictionaries(st.text(max_size=5), st.none() | st.integers() | st.text() | st.floats() | st.booleans()))
def test_whatever_is_sent_is_taken_or_refused_by_name(given_: dict[str, object]) -> None:
    try:
        taken = take_answers(FORM, given_)
    except AnswersRefused as refused:
        assert set(refused.problems) <= set(given_)  # noqa: PT017 - either way is right
    else:
        assert set(taken) <= set(given_)


def test_the_form_says_what_it_is() -> None:
    for measure in (FORM, MIRROR):
        assert measure.label == (
            "This is a conversation aid written by this project. It is not a validated instrument; it has no norms "
            "and no clinical cut-off. It is read only against this client's own earlier answers."
        )
        assert (measure.validated, measure.cut, measure.licence_class) == (False, None, "own")
    assert FORM.client_label is not None
    assert "not a validated questionnaire" in FORM.client_label


def test_the_therapist_is_asked_the_same_seven_things() -> None:
    asked = [item for item in FORM.items if item.part in {i.part for i in MIRROR.items}]

    assert [f"t_{item.id}" for item in asked] == [item.id for item in MIRROR.items]
    assert [item.codes for item in asked] == [item.codes for item in MIRROR.items]


def test_the_wish_is_asked_about_only_while_one_is_open() -> None:
    assert FORM.asked(open_wish=False).item("w2") is None
    assert FORM.asked(open_wish=True).item("w2") is not None


def definition() -> dict[str, object]:
    text = files("services.feedback.measures").joinpath("registry/session-checkin.v1.json").read_text()
    loaded: dict[str, object] = json.loads(text)
    return loaded


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["items"].append(d["items"][0]),
        lambda d: d["items"][0].update(min=10),
        lambda d: d["items"][5].pop("options"),
        lambda d: d["items"].insert(0, d["items"].pop(6)),
        lambda d: d["scoring"]["items"].append("r1"),
        lambda d: d["scoring"].update(needed=9),
        lambda d: d["items"][8].pop("max_length"),
    ],
)
def test_a_definition_that_contradicts_itself_is_refused(change: object) -> None:
    altered = definition()
    change(altered)  # type: ignore[operator]

    with pytest.raises(MeasureMalformed):
        read_measure(altered)


@pytest.mark.parametrize("name", sorted(FICTIONAL))
def test_no_form_without_whom_to_turn_to(name: str) -> None:
    day = NOW.date()

    with pytest.raises(CrisisInformationIncomplete) as refused:
        crisis_information({**FICTIONAL, name: " "}, checked_on=day, review_on=day.replace(year=2027))

    assert list(refused.value.problems) == [name]


def test_the_crisis_block_says_every_number_and_promises_nothing() -> None:
    day = NOW.date()

    block = " ".join(crisis_information(FICTIONAL, checked_on=day, review_on=day.replace(month=9)).block())

    assert all(value in block for value in FICTIONAL.values())
    assert block.startswith("Need help now?")
    assert "This form is not watched round the clock." in block
