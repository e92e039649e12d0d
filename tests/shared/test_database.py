"""The pool, migrations and roles on a real server."""

import threading
from collections.abc import Iterator
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
