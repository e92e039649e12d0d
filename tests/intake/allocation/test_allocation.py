"""Two people come together, begin, and come to an end."""

import threading
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from services.intake.allocation import commands as care
from services.intake.allocation.domain import AlreadyAllocated
from services.intake.client_file import queries as files
from services.intake.consents import commands as consents
from services.intake.people import queries as people
from services.intake.people.domain.clients import ChangedMeanwhile, Client, ClientState, ClientUnknown, StepNotAllowed
from services.intake.people.domain.refusals import FieldsRefused
from shared.database import Database, Tx
from shared.ids import uuid7
from shared.scope import Scope
from tests.intake.conftest import ANA, BEN, NOW
from tests.intake.desk import FORMS, NOOR, allocated, kinds, referred, told, waiting

pytestmark = pytest.mark.usefixtures("practitioners")


def client_of(tx: Tx, scope: Scope, client_id: UUID) -> Client:
    return next(c for c in people.list_clients(tx, scope=scope, now=NOW).found if c.client_id == client_id)


def held(tx: Tx, scope: Scope, client_id: UUID, practitioner_id: UUID, *, at: datetime = NOW) -> None:
    care.begin_therapy(tx, client_id=client_id, practitioner_id=practitioner_id, held_at=at, scope=scope, now=at)


def test_a_waiting_client_is_allocated(tx: Tx, dana: Scope) -> None:
    client_id = waiting(tx, dana, NOW)

    allocation = care.allocate(tx, client_id, ANA, scope=dana, now=NOW + timedelta(days=3))

    client = client_of(tx, dana, client_id)
    assert (client.state, client.practitioner_id, client.since) == ("allocated", ANA, NOW + timedelta(days=3))
    last = told(tx)[-1]
    assert (last["type"], last["aggregate_version"]) == ("rapport.intake.client.allocated.v1", client.version)
    assert last["data"]["allocation_id"] == str(allocation.allocation_id)


def test_a_client_is_not_allocated_to_somebody_nobody_knows(tx: Tx, dana: Scope) -> None:
    client_id = waiting(tx, dana, NOW)

    with pytest.raises(FieldsRefused) as refused:
        care.allocate(tx, client_id, uuid7(), scope=dana, now=NOW)

    assert [error.field for error in refused.value.errors] == ["practitioner_id"]
    assert client_of(tx, dana, client_id).state is ClientState.WAITING


def test_a_client_is_not_allocated_before_the_decision_nor_after_the_end(tx: Tx, dana: Scope) -> None:
    undecided = referred(tx, dana, NOW).client_id
    ended = waiting(tx, dana, NOW, NOOR)
    care.end_care(tx, ended, "14", scope=dana, now=NOW)

    for client_id in (undecided, ended):
        with pytest.raises(StepNotAllowed):
            care.allocate(tx, client_id, ANA, scope=dana, now=NOW)


def test_a_change_of_therapist_moves_the_right_to_see_the_client(tx: Tx, dana: Scope, ana: Scope, ben: Scope) -> None:
    client_id = allocated(tx, dana, NOW, ANA)

    care.allocate(tx, client_id, BEN, scope=dana, now=NOW + timedelta(days=1))

    assert files.read_client(tx, client_id, scope=ana, now=NOW) is None
    assert files.read_client(tx, client_id, scope=ben, now=NOW) is not None
    assert kinds(tx).count("client.allocated") == 2
    with pytest.raises(AlreadyAllocated):
        care.allocate(tx, client_id, BEN, scope=dana, now=NOW)


def test_two_allocations_at_once_leave_the_client_with_one_practitioner(database: Database, dana: Scope) -> None:
    with database.transaction() as tx:
        client_id = waiting(tx, dana, NOW)
    together = threading.Barrier(2)

    def place(practitioner: UUID) -> None:
        together.wait(5)
        with database.transaction() as tx:
            care.allocate(tx, client_id, practitioner, scope=dana, now=NOW)

    threads = [threading.Thread(target=place, args=(practitioner,)) for practitioner in (ANA, BEN)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    with database.transaction() as tx:
        events = [row for row in told(tx) if row["aggregatetype"] == "client"]
        assert [row["aggregate_version"] for row in events] == [1, 2, 3, 4, 5]
        assert client_of(tx, dana, client_id).practitioner_id == UUID(events[-1]["data"]["practitioner_id"])


def test_therapy_begins_with_the_first_hour(tx: Tx, dana: Scope, system: Scope) -> None:
    client_id = allocated(tx, dana, NOW, ANA)
    held_at = NOW + timedelta(days=7)

    for later in (timedelta(0), timedelta(days=7)):
        held(tx, system, client_id, ANA, at=held_at + later)

    client = client_of(tx, dana, client_id)
    assert (client.state, client.since) == ("in_therapy", held_at)


def test_an_hour_with_somebody_else_does_not_begin_therapy(tx: Tx, dana: Scope, system: Scope) -> None:
    client_id, assessed = allocated(tx, dana, NOW, ANA), waiting(tx, dana, NOW, NOOR)

    for whose, practitioner in ((client_id, BEN), (assessed, ANA), (uuid7(), ANA)):
        held(tx, system, whose, practitioner)

    assert client_of(tx, dana, client_id).state is ClientState.ALLOCATED
    assert client_of(tx, dana, assessed).state is ClientState.WAITING


def test_therapy_comes_to_an_end(tx: Tx, dana: Scope, ana: Scope, system: Scope) -> None:
    client_id = allocated(tx, dana, NOW, ANA)
    held(tx, system, client_id, ANA)
    version = client_of(tx, ana, client_id).version

    ended = care.end_care(tx, client_id, "46", expected_version=version, scope=ana, now=NOW + timedelta(days=90))

    assert (ended.state, ended.practitioner_id, ended.version) == ("ended", None, version + 1)
    last = told(tx)[-1]
    assert (last["type"], last["aggregate_version"]) == ("rapport.intake.therapy.ended.v1", version + 1)
    assert (last["data"]["practitioner_id"], last["data"]["reason_code"]) == (str(ANA), "46")
    assert files.read_client(tx, client_id, scope=ana, now=NOW) is None
    file = files.read_client(tx, client_id, scope=dana, now=NOW)
    assert file is not None
    assert file.ending is not None
    assert (file.ending.reason_code, file.allocation) == ("46", None)


def test_who_leaves_the_waiting_list_had_no_therapy(tx: Tx, dana: Scope) -> None:
    client_id = waiting(tx, dana, NOW)

    with pytest.raises(FieldsRefused):
        care.end_care(tx, client_id, "46", scope=dana, now=NOW)
    care.end_care(tx, client_id, "14", scope=dana, now=NOW)

    assert kinds(tx)[-1] == "waiting.ended"
    assert client_of(tx, dana, client_id).state is ClientState.ENDED


def test_an_ending_on_an_old_page_is_refused(tx: Tx, dana: Scope) -> None:
    client_id = allocated(tx, dana, NOW, ANA)

    with pytest.raises(ChangedMeanwhile):
        care.end_care(tx, client_id, "47", expected_version=1, scope=dana, now=NOW)


def test_care_ends_once(tx: Tx, dana: Scope) -> None:
    client_id = allocated(tx, dana, NOW, ANA)
    care.end_care(tx, client_id, "47", scope=dana, now=NOW)

    with pytest.raises(StepNotAllowed):
        care.end_care(tx, client_id, "47", scope=dana, now=NOW)


def test_a_therapist_cannot_touch_a_colleagues_client(tx: Tx, dana: Scope, ben: Scope) -> None:
    client_id = allocated(tx, dana, NOW, ANA)

    with pytest.raises(ClientUnknown):
        care.end_care(tx, client_id, "46", scope=ben, now=NOW)
    with pytest.raises(ClientUnknown):
        consents.record_consent(tx, client_id, FORMS, scope=ben, now=NOW)
    with pytest.raises(ClientUnknown):
        care.allocate(tx, client_id, BEN, scope=ben, now=NOW)
