"""Who may see whom, how people are found, and that every look leaves a trace."""

import pytest

from services.intake.allocation import commands as care
from services.intake.client_file import queries as files
from services.intake.people import queries as people
from shared.database import Database, Tx
from shared.ids import uuid7
from shared.scope import Scope
from tests.intake.conftest import ANA, BEN, DANA, NOW
from tests.intake.desk import MARA, NOOR, allocated, referred, waiting
from tests.trail import chained, trail

pytestmark = pytest.mark.usefixtures("practitioners")


def test_a_therapist_cannot_see_a_colleagues_client(tx: Tx, dana: Scope, ana: Scope, ben: Scope) -> None:
    mara, noor = allocated(tx, dana, NOW, ANA), allocated(tx, dana, NOW, BEN, NOOR)

    assert files.read_client(tx, mara, scope=ana, now=NOW) is not None
    assert files.read_client(tx, mara, scope=ben, now=NOW) is None
    assert [c.client_id for c in people.list_clients(tx, scope=ana, now=NOW).found] == [mara]
    assert [p.client_id for p in people.look_up_people(tx, [mara, noor], scope=ben, now=NOW)] == [noor]
    assert people.search_people(tx, "Mara", scope=ben, now=NOW) == []
    assert people.search_people(tx, "K-1001", scope=ben, now=NOW) == []
    assert people.search_people(tx, "0151 2345 6789", scope=ben, now=NOW) == []


@pytest.mark.parametrize("role", ["front_desk", "manager", "clinical_lead"])
def test_the_desk_and_the_leads_see_every_client(tx: Tx, dana: Scope, role: str) -> None:
    mara = allocated(tx, dana, NOW, ANA)

    assert files.read_client(tx, mara, scope=Scope(BEN, frozenset({role}), "care"), now=NOW) is not None


@pytest.mark.parametrize("role", ["supervisor", "operator", "integrator", "checkin", "system"])
def test_no_other_role_alone_opens_anything(tx: Tx, dana: Scope, role: str) -> None:
    mara = allocated(tx, dana, NOW, ANA)
    scope = Scope(ANA, frozenset({role}), "care")

    assert files.read_client(tx, mara, scope=scope, now=NOW) is None
    assert people.list_clients(tx, scope=scope, now=NOW).found == []
    assert people.look_up_people(tx, [mara], scope=scope, now=NOW) == []


def test_the_right_to_see_ends_with_the_therapy(tx: Tx, dana: Scope, ana: Scope) -> None:
    mara = allocated(tx, dana, NOW, ANA)

    care.end_care(tx, mara, "46", scope=ana, now=NOW)

    assert people.look_up_people(tx, [mara], scope=ana, now=NOW) == []


def test_names_come_in_the_order_asked_and_strangers_are_left_out(tx: Tx, dana: Scope) -> None:
    mara, noor = referred(tx, dana, NOW).client_id, referred(tx, dana, NOW, NOOR).client_id

    found = people.look_up_people(tx, [noor, uuid7(), mara, noor], scope=dana, now=NOW)

    assert [(p.client_id, p.display_name) for p in found] == [(noor, "Noor Müller"), (mara, "Mara O'Neil-Łukasz 李")]
    assert people.look_up_people(tx, [], scope=dana, now=NOW) == []


@pytest.mark.parametrize(
    "typed",
    [
        "mara",
        "Mara O'Neil-Łukasz 李",
        "oneil lukasz",
        "李",
        "Neil, Mara",
        "K-1001",
        "k1001",
        "0151 2345 6789",
        "004915123456789",
        "mara@example.ORG",
        " Mara@Example.org ",
    ],
)
def test_a_person_is_found_by_what_is_said_at_the_desk(tx: Tx, dana: Scope, typed: str) -> None:
    mara = waiting(tx, dana, NOW, MARA)
    waiting(tx, dana, NOW, NOOR)

    assert [p.client_id for p in people.search_people(tx, typed, scope=dana, now=NOW)] == [mara]


@pytest.mark.parametrize(
    "typed", ["mar", "Mara Müller", "K-9999", "0151 0000 0000", "x@y", "-", "'", "%", "\u0301", "a " * 150]
)
def test_nobody_is_found_by_half_a_word_or_somebody_elses(tx: Tx, dana: Scope, typed: str) -> None:
    waiting(tx, dana, NOW, MARA)
    waiting(tx, dana, NOW, NOOR)

    assert people.search_people(tx, typed, scope=dana, now=NOW) == []


def test_the_exact_spelling_comes_first(tx: Tx, dana: Scope) -> None:
    plain = waiting(tx, dana, NOW, NOOR, family_name="Muller")
    accented = waiting(tx, dana, NOW, NOOR, family_name="Müller")

    assert [p.client_id for p in people.search_people(tx, "müller", scope=dana, now=NOW)] == [accented, plain]
    assert [p.client_id for p in people.search_people(tx, "muller", scope=dana, now=NOW)] == [plain, accented]


def test_a_person_is_found_by_the_name_they_want_to_be_called(tx: Tx, dana: Scope) -> None:
    mara = waiting(tx, dana, NOW, MARA, preferred_name="Mo")

    found = people.search_people(tx, "mo", scope=dana, now=NOW)

    assert [(p.client_id, p.display_name) for p in found] == [(mara, "Mo O'Neil-Łukasz 李")]


def test_every_look_is_on_the_trail_with_whom_it_was_about(database: Database, dana: Scope) -> None:
    with database.transaction() as tx:
        mara, noor = referred(tx, dana, NOW).client_id, referred(tx, dana, NOW, NOOR).client_id
    with database.transaction() as tx:
        files.read_client(tx, mara, scope=dana, now=NOW)
        people.look_up_people(tx, [mara, noor], scope=dana, now=NOW)
        people.search_people(tx, "Mara", scope=dana, now=NOW)
        people.list_clients(tx, scope=dana, now=NOW)

    rows = trail(database)
    assert chained(database) == 6
    assert [(row["action"], row["about"]) for row in rows] == [
        ("referral.receive", [mara]),
        ("referral.receive", [noor]),
        ("client.read", [mara]),
        ("people.look_up", [mara, noor]),
        ("people.search", [mara]),
        ("client.list", [mara, noor]),
    ]
    assert {row["actor"] for row in rows} == {str(DANA)}
    assert "phone" in rows[2]["fields"]
    assert "Mara" not in str(rows)
