"""The code lists with their words, for forms."""

from dataclasses import dataclass

from services.intake.consents.domain import PURPOSES
from services.intake.people.domain.clients import ENDING_REASONS_FROM, ClientState
from services.intake.people.domain.codes import ENDING_REASONS, NOT_TAKEN_ON, REFERRAL_SOURCES


@dataclass(frozen=True, slots=True)
class Code:
    """A code with its words."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class EndingCode(Code):
    """A reason for ending, and where it fits."""

    fits_declining: bool
    fits_states: list[ClientState]


@dataclass(frozen=True, slots=True)
class CodeSets:
    """All code lists of intake, in the order in which forms show them."""

    referral_sources: list[Code]
    ending_reasons: list[EndingCode]
    consent_purposes: list[Code]


def code_sets() -> CodeSets:
    """The code lists; they tell nothing of anybody, so no audit."""
    return CodeSets(
        referral_sources=[Code(code, label) for code, label in REFERRAL_SOURCES.items()],
        ending_reasons=[
            EndingCode(
                code,
                reason.label,
                fits_declining=code in NOT_TAKEN_ON,
                fits_states=[state for state, fitting in ENDING_REASONS_FROM.items() if code in fitting],
            )
            for code, reason in ENDING_REASONS.items()
        ],
        consent_purposes=[Code(purpose.value, label) for purpose, label in PURPOSES.items()],
    )
