"""
What may be said: ids of sentences with their parameters; the words are the portal's.

Every parameter is rounded half up to one decimal for display; comparisons never use these.
"""

import math
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

_NEAR, _EXACT = 1e-6, 10**9
Plain = str | int | float | bool | None | list[str]

# Each sentence with the parameters it needs, all of them and no others.
TEMPLATES: dict[str, frozenset[str]] = {
    template: frozenset(params.split())
    for template, params in {
        "not_started": "",
        "steady": "x low high",
        "steady_above": "x low high",
        "steady_too_early": "x max",
        "steady_not_compared": "x max",
        "strained_personal": "x low high",
        "strained_said_so": "",
        "rupture_personal": "x low high prev",
        "rupture_step_and_level": "x prev diff cut",
        "rupture_said_so": "",
        "rupture_continuing": "x m_pre k",
        "rupture_continuing_unmeasured": "k",
        "repairing": "x lowest m_pre",
        "repaired": "x m_pre k",
        "repaired_unmeasured": "k",
        "repaired_late": "x m_pre",
        "repaired_late_unmeasured": "",
        "unrepaired": "x m_pre k",
        "unrepaired_unmeasured": "k",
        "unrepaired_ended": "",
        "closed_by_person": "role date reason",
        "baseline_restarted": "date reason",
        "awaited": "",
        "gap": "k reasons",
        "not_scored": "answered items needed",
        "prorated": "answered items",
        "late_entry": "entered session",
        "superseded": "",
        "not_blind": "",
        "placeholder_sigma": "",
        "s1_step": "x prev diff",
        "s1_step_across_gap": "x prev diff",
        "s2_level": "x cut",
        "s3_personal": "x low high n",
        "s4_chart": "x lcl",
        "s5_drift": "n slope",
        "s6_flat_ceiling": "x",
        "s7_unseen_strain": "",
        "s7_unseen_strain_said": "",
        "s7b_noted_alone": "",
        "supervised_unseen": "",
        "supervised_unseen_said": "",
        "supervised_noted_alone": "",
        "s8_silence": "k",
        "s9_said": "said",
        "s9_not_mentioned": "said",
        "s9_mentioned": "said",
        "s9_better": "said",
        "s9_worse": "said",
        "conversation_open": "",
        "episode_repairing": "m_pre lowest",
        "episode_unmeasured": "",
        "wish_open": "",
        "reach_unrepaired": "",
        "reach_rupture": "",
        "reach_unseen_strain": "",
        "reach_silence": "",
        "reach_missed": "date",
        "reach_late_cancellation": "date",
        "reach_no_next": "",
        "reach_deteriorated": "",
        "reach_early": "n",
        "outcome_no_score": "measure",
        "outcome_one_score": "measure x",
        "outcome_no_total": "measure",
        "outcome_no_threshold": "measure first last",
        "outcome_recovered": "measure first last",
        "outcome_improved": "measure diff rc confidence",
        "outcome_improved_confidence_unknown": "measure diff rc",
        "outcome_unchanged": "measure first last rc",
        "outcome_deteriorated": "measure first last",
        "outcome_deteriorated_lower": "measure first last",
        "outcome_harmed": "",
        "outcome_non_reliably_recovered": "",
        "outcome_new_version": "measure session",
        "outcome_nhs_recovery": "measures",
        "outcome_nhs_reliable_recovery": "measures",
        "outcome_mixed": "measures",
        "outcome_checkpoint_3": "",
        "outcome_checkpoint_6": "",
        "off_local_curve": "n",
        "off_local_curve_lower": "measure n",
        "no_curve": "n",
        "no_curve_no_bands": "measure",
    }.items()
}


class NextStep(StrEnum):
    """An invitation, never an instruction."""

    NONE = "none"
    ASK_HOW_THE_FORM_FELT = "ask_how_the_form_felt"
    GENTLE_QUESTION = "gentle_question"
    THANK_AND_ASK_MORE = "thank_and_ask_more"
    ASK_HOW_WE_WORK = "ask_how_we_work"
    THANK_AND_LISTEN = "thank_and_listen"
    BEGIN_NEXT_TIME = "begin_next_time"
    KEEP_TALKING = "keep_talking"
    ASK_WHAT_HELPED = "ask_what_helped"
    BRING_TO_SUPERVISION = "bring_to_supervision"
    WARM_CLOSING_WORD = "warm_closing_word"
    ASK_WHAT_WAS_DIFFERENT = "ask_what_was_different"
    ASK_WHAT_WOULD_HELP = "ask_what_would_help"
    SECOND_VIEW = "second_view"
    REVIEW_GOALS = "review_goals"
    ASK_ONE_DIFFERENT_THING = "ask_one_different_thing"
    STAY_CURIOUS = "stay_curious"
    TRUST_AND_CHECK = "trust_and_check"
    ASK_IF_THE_FORM_SUITS = "ask_if_the_form_suits"
    RETURN_TO_WISH = "return_to_wish"


class Sentence(NamedTuple):
    """One sentence to be rendered where a person reads it, and the step it suggests."""

    template: str
    params: Mapping[str, Plain] = MappingProxyType({})
    next_step: NextStep = NextStep.NONE


def say(template: str, next_step: NextStep = NextStep.NONE, **params: Plain) -> Sentence:
    """
    Make a sentence, its numbers rounded for display.

    Raises:
        KeyError: no such sentence. ValueError: a parameter is missing or not its own.
    """
    if TEMPLATES[template] != params.keys():
        raise ValueError(f"{template} takes {sorted(TEMPLATES[template])}")
    return Sentence(template, {k: shown(v) if isinstance(v, float) else v for k, v in params.items()}, next_step)


def shown(value: float) -> float:
    """
    Round half up to one decimal, as people expect it on paper.

    >>> shown(38.25), shown(-0.05)
    (38.3, -0.1)
    """
    up = value * 10 + 0.5
    nearest = math.floor(up)
    # Away from a half every way of rounding agrees; near one, the decimal digits decide.
    if _NEAR < up - nearest < 1 - _NEAR and abs(nearest) < _EXACT:
        return nearest / 10
    return float(Decimal(str(value)).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP))
