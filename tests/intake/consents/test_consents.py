"""An answer is recorded, told, and stays on file."""

from dataclasses import replace

import pytest

from services.intake.allocation import commands as care
from services.intake.client_file import queries as files
from services.intake.consents import commands as consents
from services.intake.consents.domain import CareIsOver, ConsentState, Purpose
from shared.database import Tx
from shared.scope import Scope
from tests.intake.conftest import ANA, NOW
from tests.intake.desk import FORMS, allocated, told

pytestmark = pytest.mark.usefixtures("practitioners")


def test_a_withdrawal_is_told_at_once_and_the_answer_before_it_stays_on_file(tx: Tx, dana: Scope, ana: Scope) -> None:
    client_id = allocated(tx, dana, NOW, ANA)

    consents.record_consent(tx, client_id, replace(FORMS, given=False), scope=ana, now=NOW)

    last = told(tx)[-1]["data"]
    assert (last["purpose"], last["state"]) == ("feedback_forms", "withdrawn")
    file = files.read_client(tx, client_id, scope=ana, now=NOW)
    assert file is not None
    assert [(c.purpose, c.state) for c in file.consents] == [
        (Purpose.CARE_RECORD, ConsentState.GIVEN),
        (Purpose.FEEDBACK_FORMS, ConsentState.WITHDRAWN),
    ]
    assert tx.value("SELECT count(*) FROM consent WHERE client_id = %s", (client_id,)) == 3


def test_after_the_end_a_consent_can_be_withdrawn_but_not_given(tx: Tx, dana: Scope) -> None:
    client_id = allocated(tx, dana, NOW, ANA)
    care.end_care(tx, client_id, "47", scope=dana, now=NOW)

    withdrawn = consents.record_consent(tx, client_id, replace(FORMS, given=False), scope=dana, now=NOW)

    assert withdrawn.state is ConsentState.WITHDRAWN
    with pytest.raises(CareIsOver):
        consents.record_consent(tx, client_id, FORMS, scope=dana, now=NOW)
