"""How a form stands for its writer, and how the secrets that open it are kept."""

import hashlib
from datetime import datetime
from enum import StrEnum

from services.feedback.domain.offers import OfferState


class FormState(StrEnum):
    """What its writer is told; why it is over is nobody's business but the clinic's."""

    OPEN = "open"
    SUBMITTED = "submitted"
    EXPIRED = "expired"


def form_state(offer: str, expires_at: datetime, now: datetime) -> FormState:
    """The state of a form at this moment: its time may be over before anybody has noted it."""
    if offer == OfferState.RECEIVED:
        return FormState.SUBMITTED
    return FormState.OPEN if offer == OfferState.OPEN and now < expires_at else FormState.EXPIRED


def hashed(secret: str) -> bytes:
    """How tokens and handles are kept: 128 random bits need no salt and no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
