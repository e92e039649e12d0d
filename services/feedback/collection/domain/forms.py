"""How a form stands for its writer, in a packet of one or several, and how the secrets that open it are kept."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar
from uuid import UUID

from services.feedback.alliance.domain.series import Missing
from services.feedback.collection.domain.offers import OfferState


class FormState(StrEnum):
    """What its writer is told; why it is over is nobody's business but the clinic's."""

    OPEN = "open"
    SUBMITTED = "submitted"
    EXPIRED = "expired"


class FormNotNamed(Exception):
    """A packet has several forms, and what was sent does not say which one it belongs to."""

    errors = (("measure_id", "Name the form these answers belong to."),)


@dataclass(frozen=True, slots=True)
class PacketForm:
    """One form of a packet: what was offered, and what became of it."""

    offer_id: UUID
    course_id: UUID
    client_id: UUID
    appointment_id: UUID
    measure_id: str
    measure_version: int
    state: str
    missing_reason: str | None
    wish_id: UUID | None
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OpenedForm(PacketForm):
    """One form as a browser has it; what it sent says what is shared, and whether it asks for help."""

    browser_id: UUID
    sharing: str | None
    risk_answered: bool


Form = TypeVar("Form", bound=PacketForm)


@dataclass(frozen=True, slots=True)
class Position:
    """Where in a packet its writer is, counted from 1."""

    number: int
    of: int


@dataclass(frozen=True, slots=True)
class Packet(Generic[Form]):
    """The client's forms of one appointment and moment, in the order in which they are asked."""

    forms: Sequence[Form]

    def current(self, now: datetime) -> Form | None:
        """The next form to fill in; None at the end."""
        return next((form for form in self.forms if self._stands(form, now) is FormState.OPEN), None)

    def state(self, now: datetime) -> FormState:
        """
        How the packet stands for its writer.

        Submitted says that everything asked for was received: a form whose time ran out
        among others that were sent is not hidden behind their thanks.
        """
        states = [self._stands(form, now) for form in self.forms]
        if FormState.OPEN in states:
            return FormState.OPEN
        ran_out = any(
            self._stands(form, now) is FormState.EXPIRED
            and (form.state == OfferState.OPEN or form.missing_reason == Missing.NO_ANSWER)
            for form in self.forms
        )
        return FormState.SUBMITTED if FormState.SUBMITTED in states and not ran_out else FormState.EXPIRED

    def position(self, now: datetime) -> Position | None:
        """Which form of how many is next; None at the end."""
        states = [self._stands(form, now) for form in self.forms]
        sent, left = states.count(FormState.SUBMITTED), states.count(FormState.OPEN)
        return Position(sent + 1, sent + left) if left else None

    def named(self, measure_id: str | None) -> Form:
        """
        The form that its writer means.

        Raises:
            FormNotNamed: the packet has several forms and none was named, or has no such form.
        """
        meant = [form for form in self.forms if measure_id in (None, form.measure_id)]
        if measure_id is None and len(meant) > 1:
            raise FormNotNamed("Say which of the forms these answers belong to.")
        if not meant:
            raise FormNotNamed("There is no such form to fill in here.")
        return meant[-1]

    @staticmethod
    def _stands(form: PacketForm, now: datetime) -> FormState:
        return form_state(form.state, form.expires_at, now)


def form_state(offer: str, expires_at: datetime, now: datetime) -> FormState:
    """The state of a form at this moment: its time may be over before anybody has noted it."""
    if offer == OfferState.RECEIVED:
        return FormState.SUBMITTED
    return FormState.OPEN if offer == OfferState.OPEN and now < expires_at else FormState.EXPIRED


def hashed(secret: str) -> bytes:
    """How tokens and handles are kept: 128 random bits need no salt and no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()


class FormUnknown(Exception):
    """The link or handle opens nothing, or nothing any more."""


class LinkUsed(Exception):
    """The link was opened before; the clinic can make a new one, and what was filled in is kept."""


class FormOver(Exception):
    """The time to fill in a form is over, or it was taken back."""


class FormsClosed(Exception):
    """No form opens before it can say whom to turn to in a crisis."""
