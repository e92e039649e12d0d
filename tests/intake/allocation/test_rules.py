"""Therapy begins, and ends with a reason that fits."""

from datetime import datetime, timedelta
from itertools import product
from uuid import UUID, uuid4

import pytest

from services.intake.allocation.domain import ENDING_REASONS_FROM, Allocation, begins_therapy, check_ending_reason
from services.intake.people.domain import clients as client_rules
from services.intake.people.domain.clients import ClientState, StepNotAllowed
from services.intake.people.domain.refusals import FieldsRefused
from services.intake.referrals.domain.codes import ENDING_REASONS, NOT_TAKEN_ON
from tests.intake.conftest import ANA, BEN, NOW


def test_every_state_has_its_row_and_care_can_always_come_to_an_end() -> None:
    assert set(client_rules.ALLOWED) == set(ClientState)
    for state, following in client_rules.ALLOWED.items():
        assert (state in ENDING_REASONS_FROM) == (ClientState.ENDED in following)


@pytest.mark.parametrize(("state", "code"), list(product(ClientState, [*ENDING_REASONS, "99"])))
def test_an_ending_has_a_reason_that_fits(state: ClientState, code: str) -> None:
    fitting = ENDING_REASONS_FROM.get(state, frozenset())
    if code in fitting:
        assert check_ending_reason(state, code) == code
    else:
        with pytest.raises((FieldsRefused, StepNotAllowed)):
            check_ending_reason(state, code)


def test_who_waits_has_not_been_taken_on_and_who_was_seen_was_assessed() -> None:
    assert ENDING_REASONS_FROM[ClientState.WAITING] == NOT_TAKEN_ON
    assert "50" not in ENDING_REASONS_FROM[ClientState.IN_THERAPY]


@pytest.mark.parametrize(
    ("practitioner", "held_at", "begins"),
    [
        (ANA, NOW, True),
        (ANA, NOW + timedelta(days=7), True),
        (BEN, NOW, False),
        (ANA, NOW - timedelta(seconds=1), False),
    ],
)
def test_therapy_begins_with_an_hour_of_these_two(practitioner: UUID, held_at: datetime, *, begins: bool) -> None:
    allocation = Allocation(uuid4(), uuid4(), ANA, NOW)

    assert begins_therapy(allocation, practitioner_id=practitioner, held_at=held_at) is begins
    assert not begins_therapy(None, practitioner_id=practitioner, held_at=held_at)
