"""Every code a service can send has words here, and the words keep to their voice."""

import doctest
import importlib
import re
from pathlib import Path

import pytest

from portal.kit.wording import codes, sentences
from portal.kit.wording.states import course_tag, status_tag
from services.feedback.alliance.domain.sentences import TEMPLATES, NextStep
from services.feedback.alliance.domain.series import Missing, State, Talked
from services.intake.consents.domain import Purpose
from services.intake.people.domain.clients import ClientState
from services.intake.referrals.domain.codes import ENDING_REASONS, NOT_TAKEN_ON, REFERRAL_SOURCES
from services.scheduling.appointments.domain.booking import Modality
from services.scheduling.appointments.domain.status import REASONS, Status

NEVER = ("failing", "poor alliance", "non-compliant", "refused", "at risk of drop-out", "alarm", "%")
TOKENS = Path(__file__).parents[3] / "portal" / "kit" / "styles" / "tokens.css"


@pytest.mark.parametrize(
    "module",
    [
        "clinic_time",
        "kit.wording.times",
        "kit.wording.numbers",
        "kit.wording.sentences",
        "security.attempts",
        "security.origin",
    ],
)
def test_the_examples_in_the_docs_are_true(module: str) -> None:
    result = doctest.testmod(importlib.import_module(f"portal.{module}"))

    assert result.attempted
    assert result.failed == 0


def test_every_sentence_the_reader_can_ask_for_is_worded_with_its_own_numbers() -> None:
    for template, params in TEMPLATES.items():
        named = set(re.findall(r"\{(\w+)\}", sentences.SENTENCES[template]))
        assert named <= params, template
        assert sentences.sentence(template, dict.fromkeys(params, 1.5)) != sentences._UNKNOWN


def test_every_next_step_is_worded() -> None:
    assert {str(step) for step in NextStep} == set(sentences.NEXT_STEPS)


def test_a_sentence_from_a_newer_service_is_replaced_by_a_plain_one() -> None:
    assert sentences.sentence("from_the_future", {}) == "There is something to look at in the course."
    assert sentences.sentence("steady", {"low": 1.0}) == "There is something to look at in the course."


@pytest.mark.parametrize("text", [*sentences.SENTENCES.values(), *sentences.NEXT_STEPS.values()])
def test_no_sentence_blames_labels_or_predicts(text: str) -> None:
    # How sure a published threshold is says nothing about one person's future.
    assert not any(word in text.replace("({confidence}%)", "").lower() for word in NEVER)


def test_one_missing_session_is_one_session() -> None:
    text = sentences.sentence("gap", {"k": 1, "reasons": ["no_answer"]})

    assert text == "No check-in for 1 session: no answer. Nothing is filled in."


def test_the_outcome_sentences_are_said_with_their_numbers() -> None:
    said = {"measure": "PHQ-9", "diff": 7.0, "rc": 6.0, "confidence": 95}

    assert sentences.sentence("outcome_improved", said) == (
        "Reliable improvement on PHQ-9: 7 points; 6 or more is unlikely to be chance (95%)."
    )
    assert sentences.sentence("outcome_mixed", {"measures": ["PHQ-9", "GAD-7"]}) == (
        "One measure reliably better, one reliably worse: PHQ-9 and GAD-7."
    )


def test_every_state_and_status_has_its_word_and_icon() -> None:
    assert all(course_tag(str(state)).tone != "quiet" for state in State)
    assert {str(status) for status in Status} == set(codes.STATUSES)
    assert len({status_tag(str(status)).word for status in Status}) == len(Status)
    assert {str(reason) for reason in Missing} <= set(sentences.MISSING)
    assert {str(word) for word in Talked} == set(sentences.VERDICTS)


def test_code_lists_are_those_of_the_services() -> None:
    assert {str(state) for state in ClientState} == set(codes.CLIENT_STATES)
    assert set(codes.SOURCES) == set(REFERRAL_SOURCES)
    assert set(codes.DECLINE_REASONS) <= NOT_TAKEN_ON
    assert all(ENDING_REASONS[code].taken_on or code == "13" for code in codes.ENDING_REASONS)
    assert {str(purpose) for purpose in Purpose} == set(codes.PURPOSES)
    assert {str(modality) for modality in Modality} == set(codes.MODALITIES)
    assert set(codes.CANCEL_REASONS_CLIENT) | set(codes.CANCEL_REASONS_CLINIC) <= set(REASONS)


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_and_controls_have_the_contrast_that_wcag_asks_for(scheme: int) -> None:
    tokens = {
        name: (light, dark)[scheme]
        for name, light, dark in re.findall(
            r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", TOKENS.read_text()
        )
    }

    for ground in (tokens["page"], tokens["panel"]):
        for text in ("text", "muted", "link", "ok", "warn", "bad"):
            assert contrast(tokens[text], ground) >= 4.5, text
        for mark in ("line", "focus", "client-line", "therapist-line"):
            assert contrast(tokens[mark], ground) >= 3, mark
    assert contrast(tokens["on-link"], tokens["link"]) >= 4.5
    for area in ("band", "episode"):
        for line in ("client-line", "therapist-line", "text"):
            assert contrast(tokens[line], tokens[area]) >= 3, (line, area)
