"""Where a client stands, and what is kept of a person."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import pytest

from services.intake.people.domain import clients as client_rules
from services.intake.people.domain.clients import ClientState, StepNotAllowed
from services.intake.people.domain.person import person_as_kept
from services.intake.people.domain.refusals import FieldsRefused
from tests.intake.desk import MARA

TODAY = date(2026, 3, 2)


@pytest.mark.parametrize(("was", "to"), list(product(ClientState, ClientState)))
def test_a_client_moves_only_as_the_table_says(was: ClientState, to: ClientState) -> None:
    if to in client_rules.ALLOWED[was]:
        assert client_rules.step(was, to) is to
    else:
        with pytest.raises(StepNotAllowed):
            client_rules.step(was, to)


@pytest.mark.parametrize("born", [TODAY + timedelta(days=1), date(9999, 12, 31), date(1899, 12, 31), date(1, 1, 1)])
def test_nobody_is_born_in_the_future_or_before_1900(born: date) -> None:
    with pytest.raises(FieldsRefused) as refused:
        person_as_kept(replace(MARA, birth_date=born), today=TODAY)

    assert [error.field for error in refused.value.errors] == ["client.birth_date"]


@pytest.mark.parametrize("born", [TODAY, date(1900, 1, 1), date(2024, 2, 29)])
def test_a_possible_birth_date_is_taken(born: date) -> None:
    assert person_as_kept(replace(MARA, birth_date=born), today=TODAY).birth_date == born


def test_a_blank_optional_field_counts_as_not_filled_in() -> None:
    kept = person_as_kept(replace(MARA, preferred_name=" ", phone="", email=" ", contact_note="\n"), today=TODAY)

    assert (kept.preferred_name, kept.phone, kept.email, kept.contact_note) == (None, None, None, None)


def test_a_person_is_called_what_they_want_to_be_called() -> None:
    assert replace(MARA, preferred_name="Mo").display_name == "Mo O'Neil-Łukasz 李"
