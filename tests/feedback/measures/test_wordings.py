"""The words of licensed measures: who may bring them, what must be said about the licence, what is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from services.feedback.measures.store import definitions
from services.feedback.measures.store.definitions import measures
from shared.scope import Scope
from tests.cast import CHRIS, DANA, LEAD
from tests.feedback.practice import Caller, Practice
from tests.trail import trail

CALL = Callable[..., Caller]


def words(measure_id: str, *, version: str = "first", **more: Any) -> dict[str, Any]:
    """Words of our own for a test, in the shape of a measure; none of them is any instrument's."""
    measure = measures()[measure_id]
    options = {option.code: f"answer {option.code}" for option in measure.items[-1].options}
    return {
        "title": f"Test words, {version}",
        "intro": "",
        "stem": "A stem of our own",
        "answers": options,
        "items": {item.id: {"text": f"{version} question {item.id}"} for item in measure.items},
        "context": "clinical",
        "licence_held": True,
    } | more


def problems(answer: Any) -> dict[str, str]:
    assert answer.status_code == 422, answer.get_json()
    return {error["field"]: error["message"] for error in answer.get_json()["errors"]}


def test_a_measure_becomes_a_form_once_the_clinic_brings_its_words(practice: Practice, call: CALL) -> None:
    chris = call("manager", actor=CHRIS.id)
    before = chris.get("/v1/measures/arm-5").get_json()

    after = chris.put("/v1/measures/arm-5/wordings/en", words("arm-5")).get_json()

    assert (before["status"], before["has_wording"]) == ("needs_wording", False)
    assert (after["status"], after["has_wording"], after["languages"]) == ("ready", True, ["en"])
    assert after["items"][0]["text"] == "first question q1"
    assert after["items"][0]["options"][6] == {"code": "7", "text": "answer 7"}
    assert after["scoring"] == before["scoring"]
    assert after["wordings"][0]["imported_by"] == str(CHRIS.id)


def test_earlier_words_are_kept_and_the_newest_are_shown(practice: Practice, call: CALL) -> None:
    chris = call("manager", actor=CHRIS.id)

    for version in ("first", "second"):
        chris.put("/v1/measures/arm-5/wordings/en", words("arm-5", version=version))
    shown = chris.put("/v1/measures/arm-5/wordings/pt-BR", words("arm-5", version="primeira")).get_json()

    assert shown["items"][0]["text"] == "second question q1"
    assert [(w["language"], w["number"]) for w in shown["wordings"]] == [("en", 2), ("pt-BR", 1)]
    assert len(practice.rows("SELECT 1 FROM wording")) == 3
    with practice.database.transaction() as tx:
        portuguese = definitions.worded(tx, Scope(None, frozenset(), "test", "test"), "arm-5", 1, "pt-BR")
    assert portuguese.items[0].text == "primeira question q1"


def test_importing_words_is_on_the_trail(practice: Practice, call: CALL) -> None:
    call("clinical_lead", actor=LEAD.id).put("/v1/measures/arm-5/wordings/en", words("arm-5"))

    lines = trail(practice.database, "measure.wording_imported")
    assert [row["actor"] for row in lines] == [str(LEAD.id)]


@pytest.mark.parametrize("role", ["front_desk", "therapist", "supervisor"])
def test_others_read_the_registry_and_import_nothing(practice: Practice, call: CALL, role: str) -> None:
    somebody = call(role, actor=DANA.id)

    assert somebody.get("/v1/measures").status_code == 200
    assert somebody.get("/v1/measures/srs").status_code == 200
    assert somebody.put("/v1/measures/srs/wordings/en", words("srs")).status_code == 403
    assert practice.rows("SELECT 1 FROM wording") == []


def test_the_registry_says_what_each_measure_needs(practice: Practice, call: CALL) -> None:
    listed = call("manager").get("/v1/measures").get_json()["items"]
    status = {entry["id"]: entry["status"] for entry in listed}

    assert set(status) == set(measures())
    assert status["phq-9"] == status["session-checkin"] == "ready"
    assert (status["srs"], status["core-10"]) == ("needs_wording", "confirm_licence")
    assert (status["oq-45"], status["sai"]) == ("totals_only", "not_established")
    core = next(entry for entry in listed if entry["id"] == "core-10")
    assert core["evidence"]["reliable_change"]["confidence"] == 90
    assert core["licence"]["attribution_line"].startswith("© CORE System Trust")
    call("manager").put("/v1/measures/arm-5/wordings/en", words("arm-5"))
    again = call("manager").get("/v1/measures").get_json()["items"]
    assert next(entry for entry in again if entry["id"] == "arm-5")["status"] == "ready"


@pytest.mark.parametrize(
    ("measure_id", "change", "field", "says"),
    [
        ("arm-5", {"licence_held": False}, "licence_held", "Confirm that your clinic may use these words"),
        ("arm-5", {"context": "commercial"}, "commercial_confirmed", "covers commercial use only by agreement"),
        ("core-10", {"context": "commercial"}, "commercial_confirmed", "covers commercial use only by agreement"),
        ("oq-45", {}, "items", "allows no digital copy"),
        ("phq-9", {}, "items", "carries its own words"),
        ("session-checkin", {}, "items", "carries its own words"),
        ("arm-5", {"answers": {}}, "items.q1.options", "Words are missing for: 1, 2, 3, 4, 5, 6, 7."),
        ("arm-5", {"answers": {str(n): "x" for n in range(9)}}, "items.q1.options", "There is no answer 0, 8."),
        ("arm-5", {"items": {"q1": {"text": "x"}}}, "items.q2", "Is missing."),
        ("arm-5", {"items": {"q9": {"text": "x"}}}, "items.q9", "The measure has no such question."),
        ("arm-5", {"title": " "}, "title", "Is missing."),
        ("arm-5", {"answers": {str(n): "x" * 2001 for n in range(1, 8)}}, "items.q1", "at most 2000 characters"),
    ],
)
def test_words_that_may_not_be_used_or_are_not_complete_are_refused(
    practice: Practice, call: CALL, measure_id: str, change: dict[str, Any], field: str, says: str
) -> None:
    answer = call("manager").put(f"/v1/measures/{measure_id}/wordings/en", words(measure_id) | change)

    assert says in problems(answer)[field]
    assert practice.rows("SELECT 1 FROM wording") == []


@pytest.mark.parametrize(
    "change",
    [
        {"items": {"q1": {"text": "x" * 2001}}},
        {"items": {}},
        {"items": {"q1": "words"}},
        {"context": "private"},
        {"licence_held": "yes"},
        {"licence_held": 1},
        {"wording": "more"},
        {"answers": {"1": 5}},
        {"title": "x" * 301},
    ],
)
def test_words_out_of_shape_are_refused(practice: Practice, call: CALL, change: dict[str, Any]) -> None:
    answer = call("manager").put("/v1/measures/arm-5/wordings/en", words("arm-5") | change)

    assert answer.status_code == 422
    assert practice.rows("SELECT 1 FROM wording") == []


@pytest.mark.parametrize("language", ["EN", "english", "e", "en_GB", "1"])
def test_a_language_is_named_as_languages_are(practice: Practice, call: CALL, language: str) -> None:
    answer = call("manager").put(f"/v1/measures/arm-5/wordings/{language}", words("arm-5"))

    assert problems(answer) == {"language": "Must be a language such as en or pt-BR."}


def test_commercial_use_is_possible_once_somebody_confirms_it(practice: Practice, call: CALL) -> None:
    said = words("arm-5", context="commercial", commercial_confirmed=True)

    shown = call("manager").put("/v1/measures/arm-5/wordings/en", said).get_json()

    assert (shown["wordings"][0]["context"], shown["wordings"][0]["commercial_confirmed"]) == ("commercial", True)


def test_there_are_no_words_for_a_measure_that_is_not_there(practice: Practice, call: CALL) -> None:
    assert call("manager").put("/v1/measures/phq-10/wordings/en", words("arm-5")).status_code == 404
    assert call("manager").get("/v1/measures/phq-10").status_code == 404


def test_lines_need_no_answers_in_words(practice: Practice, call: CALL) -> None:
    shown = call("manager").put("/v1/measures/srs/wordings/en", words("srs")).get_json()

    assert (shown["status"], shown["items"][0]["options"], shown["items"][0]["step"]) == ("ready", [], 0.1)
