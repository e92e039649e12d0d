"""The pool, migrations and roles on a real server."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from embedded.postgres import EmbeddedPostgres
from shared.database import Database, DatabaseUnavailable, Tx
from shared.database.migrations import MigrationRefused, load_migrations, migrate
from shared.database.provision import ServiceUrls, provision
from shared.ids import uuid7
from tests.databases import test_password as password_of


@pytest.fixture(scope="module")
def urls(postgres: EmbeddedPostgres) -> ServiceUrls:
    return provision(postgres.url(), "sample", "services.intake.migrations", password_of)


@pytest.fixture
def database(urls: ServiceUrls) -> Iterator[Database]:
    pool = Database(urls.app, name="sample", size=4).open()
    yield pool
    pool.close()


def test_what_fails_in_a_transaction_leaves_nothing_behind(database: Database) -> None:
    key = f"job-{uuid7()}"

    with pytest.raises(ZeroDivisionError), database.transaction() as tx:
        tx.execute("INSERT INTO job_run (job, last_success) VALUES (%s, now())", (key,))
        _ = 1 / 0

    with database.transaction() as tx:
        assert tx.value("SELECT count(*) FROM job_run WHERE job = %s", (key,)) == 0


@dataclass(frozen=True)
class Run:
    """A row of the test."""

    job: str
    last_success: datetime


def test_what_is_sent_without_waiting_is_there_when_the_block_ends(database: Database) -> None:
    first, second = f"a-{uuid7()}", f"b-{uuid7()}"
    began = datetime(2026, 3, 2, 9, tzinfo=UTC)

    with database.transaction() as tx:
        with tx.pipeline():
            for key in (first, second):
                tx.execute("INSERT INTO job_run (job, last_success) VALUES (%s, %s)", (key, began))
            tx.many("UPDATE job_run SET last_success = %s WHERE job = %s", [(began + timedelta(hours=1), second)])
        found = tx.rows_as(
            Run, "SELECT job, last_success FROM job_run WHERE job = ANY(%s) ORDER BY job", ([first, second],)
        )

    assert found == [Run(first, began), Run(second, began + timedelta(hours=1))]


def test_a_statement_that_fails_among_those_sent_without_waiting_is_the_one_that_is_named(database: Database) -> None:
    key = f"job-{uuid7()}"

    with pytest.raises(psycopg.errors.UniqueViolation), database.transaction() as tx, tx.pipeline():
        tx.execute("INSERT INTO job_run (job, last_success) VALUES (%s, now())", (key,))
        tx.execute("INSERT INTO job_run (job, last_success) VALUES (%s, now())", (key,))
        tx.execute("DELETE FROM job_run WHERE job = %s", (key,))

    with database.transaction() as tx:
        assert tx.row_as(Run, "SELECT job, last_success FROM job_run WHERE job = %s", (key,)) is None


def test_a_deadlock_is_tried_again_and_both_take_effect(database: Database) -> None:
    first, second = f"a-{uuid7()}", f"b-{uuid7()}"
    with database.transaction() as tx:
        tx.many("INSERT INTO job_run (job, last_success) VALUES (%s, 'epoch')", [(first,), (second,)])
    both_hold_one = threading.Barrier(2)
    tries: list[str] = []

    def work(one: str, other: str) -> None:
        met = False

        def step(tx: Tx) -> None:
            nonlocal met
            tries.append(one)
            tx.execute("UPDATE job_run SET last_success = last_success + interval '1 s' WHERE job = %s", (one,))
            if not met:
                met = True
                both_hold_one.wait(5)
            tx.execute("UPDATE job_run SET last_success = last_success + interval '1 s' WHERE job = %s", (other,))

        database.run(step)

    threads = [threading.Thread(target=work, args=pair) for pair in ((first, second), (second, first))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    with database.transaction() as tx:
        seconds = tx.rows(
            "SELECT extract(epoch FROM last_success)::int AS n FROM job_run WHERE job = ANY(%s)", ([first, second],)
        )
    assert [row["n"] for row in seconds] == [2, 2]
    assert len(tries) == 3


def test_a_database_that_is_away_is_told_in_time() -> None:
    nowhere = Database("postgresql://nobody@127.0.0.1:1/none", name="nowhere").open()

    with pytest.raises(DatabaseUnavailable), nowhere.transaction():
        pass
    nowhere.close()


@pytest.mark.parametrize(
    "forbidden",
    [
        "UPDATE outbox SET type = 'x'",
        "DELETE FROM outbox",
        "UPDATE audit SET action = 'x'",
        "DELETE FROM audit",
        "DELETE FROM audit_head",
        "UPDATE audit_head SET no = 0",
        "INSERT INTO audit SELECT * FROM audit",
        "SELECT * FROM audit",
        "SELECT * FROM audit_head",
        "SELECT * FROM audit_waiting",
        "UPDATE audit_waiting SET action = 'x'",
        "DELETE FROM audit_waiting",
        "TRUNCATE audit_waiting",
        "SELECT audit_upkeep()",
        "TRUNCATE audit",
        "TRUNCATE outbox",
        "DROP TABLE outbox",
        "ALTER TABLE outbox ADD COLUMN x int",
        "CREATE TABLE own (x int)",
        "DELETE FROM outbox_archive",
        "INSERT INTO schema_migrations (package, number, name, checksum) VALUES ('x', 1, 'x', 'x')",
        "CREATE ROLE intruder",
        "COPY outbox TO PROGRAM 'true'",
    ],
)
def test_the_app_s_role_is_refused_what_it_does_not_need(urls: ServiceUrls, forbidden: str) -> None:
    with psycopg.connect(urls.app) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(forbidden.encode())


@pytest.mark.parametrize("forbidden", ["UPDATE outbox SET type = 'x'", "SELECT * FROM audit", "SELECT * FROM data_key"])
def test_the_relay_s_role_moves_the_outbox_and_sees_nothing_else(urls: ServiceUrls, forbidden: str) -> None:
    with psycopg.connect(urls.relay) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(forbidden.encode())


@pytest.mark.parametrize(
    "forbidden",
    [
        "UPDATE audit SET action = 'x'",
        "DELETE FROM audit",
        "UPDATE audit_rest SET action = 'x'",
        "DELETE FROM audit_rest",
        "TRUNCATE audit",
        "DELETE FROM audit_head",
        "UPDATE audit_waiting SET action = 'x'",
        "INSERT INTO audit_waiting (action) VALUES ('x')",
        "SELECT * FROM outbox",
        "SELECT * FROM data_key",
    ],
)
def test_the_sealer_s_role_adds_to_the_chain_and_changes_nothing_in_it(urls: ServiceUrls, forbidden: str) -> None:
    with psycopg.connect(urls.sealer) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(forbidden.encode())


NOT_THE_APPS_OWN = {
    "outbox": {"SELECT", "INSERT"},
    "outbox_archive": {"SELECT"},
    "audit_waiting": {"INSERT"},
    "audit": set[str](),
    "audit_head": set[str](),
    "schema_migrations": {"SELECT"},
}
OF_OTHERS = {
    "relay": {"outbox": {"SELECT", "DELETE"}, "outbox_archive": {"SELECT", "INSERT"}},
    "sealer": {
        "audit_waiting": {"SELECT", "DELETE"},
        "audit": {"SELECT", "INSERT"},
        "audit_head": {"SELECT", "UPDATE"},
    },
}
PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")


def privileges(owner_url: str, role: str) -> dict[str, tuple[bool, set[str]]]:
    """Of each table, partitions too: whether it is one, and what the role may do with the whole of it."""
    with psycopg.connect(owner_url) as owner:
        rows = owner.execute(
            "SELECT relname, relispartition, privilege, has_table_privilege(%s, c.oid, privilege) "
            "FROM pg_class c CROSS JOIN unnest(%s::text[]) AS privilege "
            "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v')",
            (role, list(PRIVILEGES)),
        ).fetchall()
    found: dict[str, tuple[bool, set[str]]] = {}
    for name, is_partition, privilege, has in rows:
        found.setdefault(name, (is_partition, set()))
        if has:
            found[name][1].add(privilege)
    return found


@pytest.mark.parametrize(
    ("service", "package"),
    [
        ("intake", "services.intake.migrations"),
        ("scheduling", "services.scheduling.migrations"),
        ("feedback", "services.feedback.migrations"),
        ("portal", "portal.migrations"),
    ],
)
def test_each_role_has_what_it_needs_on_every_table_and_nothing_on_any_partition(
    postgres: EmbeddedPostgres, service: str, package: str
) -> None:
    name = f"granted{service}"
    urls = provision(postgres.url(), name, package, password_of)
    with psycopg.connect(urls.sealer) as sealer, psycopg.connect(urls.app) as app:
        sealer.execute("SELECT audit_upkeep('2031-05-15')")
        app.execute("SELECT outbox_archive_upkeep()")

    for again in (False, True):  # partitions that are made later, and those that a later migrate finds
        if again:
            provision(postgres.url(), name, package, password_of)
        for role in ("app", "relay", "sealer"):
            found = privileges(urls.owner, f"{role}_{name}")
            assert {"audit_203106", "audit_203108", "audit_rest", "outbox_archive_rest"} <= set(found)
            assert sum(table.startswith("outbox_archive_2") for table in found) == 3
            for table, (is_partition, has) in found.items():
                own = NOT_THE_APPS_OWN.get(table, {"SELECT", "INSERT", "UPDATE", "DELETE"})
                wanted = own if role == "app" else OF_OTHERS[role].get(table, set())
                assert has == (set() if is_partition else wanted), (role, table)


def test_the_chain_has_a_partition_for_this_month_and_for_three_to_come(urls: ServiceUrls) -> None:
    with psycopg.connect(urls.sealer) as sealer:
        sealer.execute("SELECT audit_upkeep('2033-11-30')")
        sealer.execute("SELECT audit_upkeep('2033-12-01')")
    with psycopg.connect(urls.owner) as owner:
        made = owner.execute(
            "SELECT relname FROM pg_class WHERE relname LIKE 'audit\\_203%' AND relkind = 'r'"
        ).fetchall()

    assert {"audit_203311", "audit_203312", "audit_203401", "audit_203402", "audit_203403"} <= {
        name for (name,) in made
    }


def test_nobody_connects_to_another_service_s_database(postgres: EmbeddedPostgres, urls: ServiceUrls) -> None:
    other = provision(postgres.url(), "other", "services.intake.migrations", password_of)
    stranger = other.app.replace("rapport_other", "rapport_sample")

    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(stranger)


def test_a_wrong_password_is_refused(urls: ServiceUrls) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(urls.app, password="wrong")


def test_migrations_run_once_and_an_edited_one_is_refused(
    postgres: EmbeddedPostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "steps_of_test"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "0001_first.sql").write_text("CREATE TABLE first (n int)")
    monkeypatch.syspath_prepend(tmp_path)
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE stepwise")
    url = postgres.url("stepwise")

    assert migrate(url, ["steps_of_test"]) == ["steps_of_test/0001_first.sql"]
    assert migrate(url, ["steps_of_test"]) == []

    (package / "0002_second.sql").write_text("CREATE TABLE second (n int); SELECT no_such_function()")
    with pytest.raises(psycopg.errors.UndefinedFunction):
        migrate(url, ["steps_of_test"])
    with psycopg.connect(url) as connection:
        made = connection.execute("SELECT to_regclass('second')").fetchone()
    assert made == (None,)

    (package / "0001_first.sql").write_text("CREATE TABLE first (n bigint)")
    with pytest.raises(MigrationRefused, match=r"0001_first\.sql was edited"):
        migrate(url, ["steps_of_test"])

    (package / "0001_first.sql").unlink()
    (package / "0002_second.sql").unlink()
    with pytest.raises(MigrationRefused, match="this program knows 0000"):
        migrate(url, ["steps_of_test"])


def test_a_gap_in_the_numbers_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "gap_of_test"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "0002_second.sql").write_text("SELECT 1")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(MigrationRefused, match="without gaps"):
        load_migrations("gap_of_test")


def test_a_migration_may_run_outside_a_transaction_and_an_interrupted_one_is_run_again(
    postgres: EmbeddedPostgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "outside_of_test"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "0001_table.sql").write_text("CREATE TABLE paid (n int); INSERT INTO paid VALUES (1), (1)")
    (package / "0002_index.sql").write_text(
        "-- outside a transaction\n"
        "DROP INDEX CONCURRENTLY IF EXISTS paid_once;\n"
        "-- a comment; with a semicolon\n"
        "CREATE UNIQUE INDEX CONCURRENTLY paid_once ON paid (n);\n"
        "ALTER TABLE paid ADD COLUMN IF NOT EXISTS\n  m int\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE outside")
    url = postgres.url("outside")

    with pytest.raises(psycopg.errors.UniqueViolation):  # and the half-made, invalid index stays behind
        migrate(url, ["outside_of_test"])
    with psycopg.connect(url) as connection:
        connection.execute("DELETE FROM paid")

    assert migrate(url, ["outside_of_test"]) == ["outside_of_test/0002_index.sql"]
    assert migrate(url, ["outside_of_test"]) == []
    with psycopg.connect(url) as connection:
        valid = connection.execute(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = 'paid_once'::regclass"
        ).fetchone()
        assert valid == (True,)
        connection.execute("SELECT m FROM paid")
