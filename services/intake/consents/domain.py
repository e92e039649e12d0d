"""
Consents: separate for each purpose, tied to the wording that was shown, and withdrawable at any time.

Nothing is overwritten; the newest answer for a purpose is the one that holds.
Source: GDPR, articles 4(11), 7(1) and 7(3).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.intake.people.domain.clients import ClientState
from services.intake.people.domain.refusals import FieldError, FieldsRefused


class Purpose(StrEnum):
    """What a person is asked to agree to."""

    CARE_RECORD = "care_record"
    FEEDBACK_FORMS = "feedback_forms"
    SUPERVISION = "supervision"
    RESEARCH = "research"
    CONTACT = "contact"


PURPOSES: dict[Purpose, str] = {
    Purpose.CARE_RECORD: "Care, and keeping a record of it",
    Purpose.FEEDBACK_FORMS: "A short form after each session",
    Purpose.SUPERVISION: "Talking about the therapy in supervision",
    Purpose.RESEARCH: "Research and evaluation of the service",
    Purpose.CONTACT: "Being contacted by phone, message or e-mail",
}


class ConsentState(StrEnum):
    """An answer to a question of consent; a no at the first asking is recorded as withdrawn."""

    GIVEN = "given"
    WITHDRAWN = "withdrawn"


class CareIsOver(Exception):
    """A consent can still be withdrawn after the end of care, but no longer given."""


@dataclass(frozen=True, slots=True)
class ConsentAnswer:
    """What a person said for one purpose, and which wording they were shown."""

    purpose: Purpose
    given: bool
    text_version: str

    @property
    def state(self) -> ConsentState:
        return ConsentState.GIVEN if self.given else ConsentState.WITHDRAWN


@dataclass(frozen=True, slots=True)
class Consent:
    """A recorded answer."""

    consent_id: UUID
    purpose: Purpose
    state: ConsentState
    text_version: str
    recorded_at: datetime


def check_first_consents(answers: Sequence[ConsentAnswer]) -> Sequence[ConsentAnswer]:
    """
    The answers with which care begins: each purpose once, and the care record agreed to.

    Raises:
        FieldsRefused: a purpose stands there twice, or there is no yes to the care record.
    """
    errors = []
    seen: set[Purpose] = set()
    for number, answer in enumerate(answers):
        if answer.purpose in seen:
            errors.append(FieldError(f"consents.{number}.purpose", "was answered before"))
        seen.add(answer.purpose)
    if not any(answer.given and answer.purpose is Purpose.CARE_RECORD for answer in answers):
        errors.append(FieldError("consents", "care cannot begin without a yes to keeping a record of it"))
    if errors:
        raise FieldsRefused(errors)
    return answers


def check_answer(state: ClientState, answer: ConsentAnswer) -> ConsentAnswer:
    """An answer that may be recorded where the client stands; raises CareIsOver."""
    if answer.given and state in (ClientState.DECLINED, ClientState.ENDED):
        raise CareIsOver("care is over: a consent can be withdrawn, but not given")
    return answer


def current(consents: Iterable[Consent]) -> list[Consent]:
    """The newest answer for each purpose, out of all that were recorded, oldest first."""
    newest: dict[Purpose, Consent] = {}
    for consent in consents:
        newest[consent.purpose] = consent
    return [newest[purpose] for purpose in Purpose if purpose in newest]
