"""States, codes, consents and birth dates: the tables of intake."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from uuid import UUID, uuid4

import pytest

from services.intake.allocation.domain import Allocation, begins_therapy
from services.intake.consents.domain import (
    PURPOSES,
    CareIsOver,
    Consent,
    ConsentAnswer,
    ConsentState,
    Purpose,
    check_answer,
    check_first_consents,
    current,
)
from services.intake.people.domain import clients as client_rules
from services.intake.people.domain.clients import ClientState, StepNotAllowed, check_ending_reason
from services.intake.people.domain.codes import ENDING_REASONS, NOT_TAKEN_ON, REFERRAL_SOURCES
from services.intake.people.domain.person import person_as_kept
from services.intake.people.domain.refusals import FieldsRefused
from services.intake.referrals import domain as referral_rules
from services.intake.referrals.domain import NewReferral, ReferralDecided, ReferralState, referral_as_kept
from tests.intake.conftest import ANA, BEN, NOW
from tests.intake.desk import CARE_RECORD, FORMS, MARA

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(("was", "to"), list(product(ClientState, ClientState)))
def test_a_client_moves_only_as_the_table_says(was: ClientState, to: ClientState) -> None:
    if to in client_rules.ALLOWED[was]:
        assert client_rules.step(was, to) is to
    else:
        with pytest.raises(StepNotAllowed):
            client_rules.step(was, to)


@pytest.mark.parametrize(("was", "to"), list(product(ReferralState, ReferralState)))
def test_a_referral_is_decided_once(was: ReferralState, to: ReferralState) -> None:
    if was is ReferralState.RECEIVED and to is not ReferralState.RECEIVED:
        assert referral_rules.decide(was, to) is to
    else:
        with pytest.raises(ReferralDecided):
            referral_rules.decide(was, to)


def test_every_state_has_its_row_and_care_can_always_come_to_an_end() -> None:
    assert set(client_rules.ALLOWED) == set(ClientState)
    for state, following in client_rules.ALLOWED.items():
        assert (state in client_rules.ENDING_REASONS_FROM) == (ClientState.ENDED in following)


@pytest.mark.parametrize(("state", "code"), list(product(ClientState, [*ENDING_REASONS, "99"])))
def test_an_ending_has_a_reason_that_fits(state: ClientState, code: str) -> None:
    fitting = client_rules.ENDING_REASONS_FROM.get(state, frozenset())
    if code in fitting:
        assert check_ending_reason(state, code) == code
    else:
        with pytest.raises((FieldsRefused, StepNotAllowed)):
            check_ending_reason(state, code)


def test_who_waits_has_not_been_taken_on_and_who_was_seen_was_assessed() -> None:
    assert client_rules.ENDING_REASONS_FROM[ClientState.WAITING] == NOT_TAKEN_ON
    assert "50" not in client_rules.ENDING_REASONS_FROM[ClientState.IN_THERAPY]


def test_the_code_sets_are_those_of_the_nhs() -> None:
    sources = {"A1", "A2", "A3", "A4", "B1", "B2", "C1", "C2", "D1", "D2", "E1", "E3", "G4", "H1", "H2", "M6"}
    not_taken_on = {"50", "10", "11", "12", "13", "14", "16", "17", "95"}

    assert set(REFERRAL_SOURCES) == sources
    assert not_taken_on == NOT_TAKEN_ON
    assert set(ENDING_REASONS) == not_taken_on | {"46", "47", "48", "49", "96"}
    assert set(PURPOSES) == set(Purpose)


@pytest.mark.parametrize("born", [TODAY + timedelta(days=1), date(9999, 12, 31), date(1899, 12, 31), date(1, 1, 1)])
def test_nobody_is_born_in_the_future_or_before_1900(born: date) -> None:
    with pytest.raises(FieldsRefused) as refused:
        person_as_kept(replace(MARA, birth_date=born), today=TODAY)

    assert [error.field for error in refused.value.errors] == ["client.birth_date"]


@pytest.mark.parametrize("born", [TODAY, date(1900, 1, 1), date(2024, 2, 29)])
def test_a_possible_birth_date_is_taken(born: date) -> None:
    assert person_as_kept(replace(MARA, birth_date=born), today=TODAY).birth_date == born


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


def test_a_blank_optional_field_counts_as_not_filled_in() -> None:
    kept = person_as_kept(replace(MARA, preferred_name=" ", phone="", email=" ", contact_note="\n"), today=TODAY)

    assert (kept.preferred_name, kept.phone, kept.email, kept.contact_note) == (None, None, None, None)


def test_a_person_is_called_what_they_want_to_be_called() -> None:
    assert replace(MARA, preferred_name="Mo").display_name == "Mo O'Neil-Łukasz 李"


@pytest.mark.parametrize(
    ("answers", "field"),
    [
        ([], "consents"),
        ([FORMS], "consents"),
        ([replace(CARE_RECORD, given=False)], "consents"),
        ([CARE_RECORD, FORMS, replace(FORMS, given=False)], "consents.2.purpose"),
    ],
)
def test_care_begins_with_one_clear_answer_for_each_purpose(answers: list[ConsentAnswer], field: str) -> None:
    with pytest.raises(FieldsRefused) as refused:
        check_first_consents(answers)

    assert [error.field for error in refused.value.errors] == [field]


@pytest.mark.parametrize("state", list(ClientState))
def test_a_consent_can_always_be_withdrawn_but_not_given_after_the_end(state: ClientState) -> None:
    withdrawal = replace(FORMS, given=False)

    assert check_answer(state, withdrawal) is withdrawal
    if state in (ClientState.ENDED, ClientState.DECLINED):
        with pytest.raises(CareIsOver):
            check_answer(state, FORMS)
    else:
        assert check_answer(state, FORMS) is FORMS


def test_the_newest_answer_for_a_purpose_holds() -> None:
    def answered(purpose: Purpose, state: ConsentState) -> Consent:
        return Consent(uuid4(), purpose, state, "1", datetime(2026, 1, 1, tzinfo=UTC))

    yes = answered(Purpose.RESEARCH, ConsentState.GIVEN)
    no = answered(Purpose.RESEARCH, ConsentState.WITHDRAWN)
    record = answered(Purpose.CARE_RECORD, ConsentState.GIVEN)

    assert current([yes, record, no]) == [record, no]
    assert current([no, yes]) == [yes]


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
