"""Referrals are decided once, and written with the codes of the NHS."""

from dataclasses import replace
from datetime import date
from itertools import product

import pytest

from services.intake.consents.domain import (
    PURPOSES,
    Purpose,
)
from services.intake.people.domain.refusals import FieldsRefused
from services.intake.referrals.domain import referral as referral_rules
from services.intake.referrals.domain.codes import ENDING_REASONS, NOT_TAKEN_ON, REFERRAL_SOURCES
from services.intake.referrals.domain.referral import NewReferral, ReferralDecided, ReferralState, referral_as_kept
from tests.intake.desk import MARA

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(("was", "to"), list(product(ReferralState, ReferralState)))
def test_a_referral_is_decided_once(was: ReferralState, to: ReferralState) -> None:
    if was is ReferralState.RECEIVED and to is not ReferralState.RECEIVED:
        assert referral_rules.decide(was, to) is to
    else:
        with pytest.raises(ReferralDecided):
            referral_rules.decide(was, to)


def test_the_code_sets_are_those_of_the_nhs() -> None:
    sources = {"A1", "A2", "A3", "A4", "B1", "B2", "C1", "C2", "D1", "D2", "E1", "E3", "G4", "H1", "H2", "M6"}
    not_taken_on = {"50", "10", "11", "12", "13", "14", "16", "17", "95"}

    assert set(REFERRAL_SOURCES) == sources
    assert not_taken_on == NOT_TAKEN_ON
    assert set(ENDING_REASONS) == not_taken_on | {"46", "47", "48", "49", "96"}
    assert set(PURPOSES) == set(Purpose)


def test_every_field_at_fault_is_named_at_once_without_its_value() -> None:
    wrong = replace(
        MARA, given_name="\x00", family_name=" ", phone="secret-1", email="secret-2", birth_date=date(1, 1, 1)
    )

    with pytest.raises(FieldsRefused) as refused:
        referral_as_kept(NewReferral(wrong, "ZZ", "\x00"), today=TODAY)

    named = {error.field for error in refused.value.errors}
    parts = ("given_name", "family_name", "phone", "email", "birth_date")
    assert named == {*(f"client.{part}" for part in parts), "source", "note"}
    assert "secret" not in f"{refused.value} {refused.value.errors}"
