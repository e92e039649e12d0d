"""Entering whom to turn to in a crisis."""

from collections.abc import Mapping
from datetime import date, datetime

from services.feedback.risk.domain.crisis import CrisisInformation, crisis_information
from services.feedback.risk.store_crisis import add_crisis_information
from shared.database import Tx
from shared.ids import uuid7
from shared.scope import Scope


def enter_crisis_information(
    tx: Tx, given: Mapping[str, str], *, checked_on: date, review_on: date, scope: Scope, now: datetime
) -> CrisisInformation:
    """
    Keep the clinic's crisis information; from now on every form shows it.

    Raises:
        CrisisInformationIncomplete.
    """
    information = crisis_information(given, checked_on=checked_on, review_on=review_on)
    add_crisis_information(tx, uuid7(), information, entered_by=scope.actor, now=now)
    return information
