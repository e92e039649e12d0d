"""What a consent is, and which answer holds."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from services.intake.consents.domain import (
    CareIsOver,
    Consent,
    ConsentAnswer,
    ConsentState,
    Purpose,
    check_answer,
    check_first_consents,
    current,
)
from services.intake.people.domain.clients import ClientState
from services.intake.people.domain.refusals import FieldsRefused
from tests.intake.desk import CARE_RECORD, FORMS


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
