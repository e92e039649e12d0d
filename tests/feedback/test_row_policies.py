"""The second line: what a statement sees that forgot to ask whose rows it may have."""

from uuid import UUID

import psycopg
import pytest

from services.feedback.care.store.deputies import relations
from shared.contracts import access
from shared.database import Database, Tx
from shared.database.provision import ServiceUrls
from shared.scope import Scope
from tests.cast import ANA, BEN
from tests.feedback.practice import Practice, marks

GUARDED = {
    *("hour", "course", "offer", "checkin", "checkin_version", "reading", "decision", "episode", "episode_note"),
    *("wish", "supervision_point", "reach_out_note", "client_plan", "risk_answer", "answers_opened"),
}
# These tell no more than that somebody is here and whose client they are; policies and packs decide by them.
OPEN = {"client", "consent", "allocation", "finished_case"}


@pytest.fixture
def two_clients(practice: Practice) -> tuple[UUID, UUID]:
    """One of Ana's and one of Ben's, each with a course in which a rupture was noticed."""
    pair = practice.client(ANA.id), practice.client(BEN.id)
    for client_id, therapist in zip(pair, (ANA.id, BEN.id), strict=True):
        for total in (80, 82, 78, 80, 50):
            practice.answer(practice.hold(client_id, therapist), **marks(total))
    return pair


def counts(tx: Tx) -> dict[str, int]:
    return {
        "hour": tx.value("SELECT count(*) FROM hour"),
        "course": tx.value("SELECT count(*) FROM course"),
        "offer": tx.value("SELECT count(*) FROM offer"),
        "checkin": tx.value("SELECT count(*) FROM checkin"),
        "reading": tx.value("SELECT count(*) FROM reading"),
        "episode": tx.value("SELECT count(*) FROM episode"),
    }


@pytest.mark.usefixtures("two_clients")
def test_without_a_scope_a_transaction_sees_nothing_and_changes_nothing(pool: Database) -> None:
    with pool.transaction() as tx:
        assert set(counts(tx).values()) == {0}
        assert tx.execute("UPDATE checkin SET total = 0") == 0
        assert tx.execute("DELETE FROM course") == 0


def test_a_statement_that_forgets_to_ask_sees_the_therapists_own_clients_alone(
    practice: Practice, pool: Database, two_clients: tuple[UUID, UUID], ana: Scope
) -> None:
    with practice.database.transaction() as tx:
        whole = counts(tx)
    with pool.transaction() as tx:
        relations(tx, ana, access.COURSE, practice.clock())

        assert counts(tx) == {table: number // 2 for table, number in whole.items()}
        assert {row["client_id"] for row in tx.rows("SELECT client_id FROM checkin")} == {two_clients[0]}
        assert tx.execute("UPDATE checkin SET total = 0") == whole["checkin"] // 2
        with pytest.raises(psycopg.errors.InsufficientPrivilege), tx.savepoint():
            tx.execute("UPDATE hour SET client_id = %s", (two_clients[1],))


@pytest.mark.usefixtures("two_clients")
def test_who_works_for_the_whole_clinic_sees_all(practice: Practice, pool: Database, lead: Scope, app: Scope) -> None:
    with practice.database.transaction() as tx:
        whole = counts(tx)
    for scope in (lead, app):
        with pool.transaction() as tx:
            relations(tx, scope, access.COURSE, practice.clock())
            assert counts(tx) == whole


@pytest.mark.usefixtures("two_clients")
def test_what_one_transaction_may_see_does_not_pass_to_the_next_of_its_connection(
    practice: Practice, pool: Database, ana: Scope, lead: Scope
) -> None:
    for scope in (ana, lead):
        with pool.transaction() as tx:
            relations(tx, scope, access.COURSE, practice.clock())
            assert counts(tx)["course"] > 0
        with pool.transaction() as tx:
            assert counts(tx)["course"] == 0


def test_every_table_about_clients_is_guarded_or_left_open_by_name(urls: ServiceUrls) -> None:
    with psycopg.connect(urls.owner) as owner:
        guarded = {
            name
            for (name,) in owner.execute(
                "SELECT relname FROM pg_class WHERE relrowsecurity AND relkind = 'r'"
            ).fetchall()
        }
        about = {
            name
            for (name,) in owner.execute(
                "SELECT table_name FROM information_schema.columns WHERE column_name = 'client_id' AND table_schema = "
                "'public'"
            ).fetchall()
        }
        app = owner.execute(
            "SELECT rolbypassrls, rolsuper, (SELECT count(*) FROM pg_class WHERE relowner = r.oid) FROM pg_roles r "
            "WHERE rolname = 'app_feedback'"
        ).fetchone()

    assert guarded == GUARDED
    assert about - guarded == OPEN
    assert app == (False, False, 0)
