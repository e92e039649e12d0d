"""A clinic that was lost comes back as it was; a damaged backup touches nothing."""

import shutil
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from embedded.databases import service_urls_of
from embedded.house import House
from embedded.invariants import broken_invariants
from embedded.postgres import EmbeddedPostgres
from embedded.restoring import check_pages, check_trails, put_aside, restore_into_folder, restore_into_server
from shared.backup.plan import BackupRefused
from shared.backup.snapshot import states_of
from shared.backup.standing import backups_in
from shared.backup.taking import take
from shared.clock import utc_now
from shared.database.provision import backup_url
from shared.database.roles import with_database
from shared.security.audit.checkpoints import Checkpoints
from tests.backup.conftest import BackedUp, BroughtBack
from tests.cast import ANA, CHRIS, DANA, LEAD
from tests.clinic import ADDRESS, PATIENT, TEST_KEYS, Clinic, SetClock
from tests.conftest import FAST_NOT_DURABLE
from tests.leaks import canaries


def restore(backed_up: BackedUp, file: Path, target: Path) -> None:
    restore_into_folder(
        file, target, TEST_KEYS, backed_up.recovery_key, checkpoints=backed_up.keys / "audit", say=lambda _: None
    )


def test_every_check_is_made_and_told_with_seconds_and_megabytes(
    backed_up: BackedUp, brought_back: BroughtBack
) -> None:
    told = " / ".join(brought_back.said)

    for words in ("is whole and this clinic's", "Every table holds", "Migrations", "trails are whole, 4 checkpoints",
                  "fit together", "page's checksum"):  # fmt: skip
        assert words in told
    assert brought_back.restored.size == backed_up.taken.size > 10_000
    assert 0 < brought_back.restored.seconds < 120
    assert [path.name for path in brought_back.folder.parent.iterdir()] == ["clinic"]


def test_the_clinic_goes_on_where_it_was(backed_up: BackedUp, there: EmbeddedPostgres) -> None:
    """Names open, calendars are there, and nobody hears anything twice or not at all."""
    urls = service_urls_of(there.url(), TEST_KEYS.password)
    clock = SetClock(backed_up.clinic.clock.now)
    house = House(
        urls,
        TEST_KEYS,
        clock=clock,
        clinic="Riverside",
        zone="Europe/London",
        address=ADDRESS,
        backups=backed_up.plan.folder,
        patience=PATIENT,
        second_step_required=False,
    )
    try:
        clinic = Clinic(house, clock)
        before = states_of(with_database(there.url(), "rapport_log"))["public.log"]
        clinic.settle()
        assert states_of(with_database(there.url(), "rapport_log"))["public.log"] == before

        [client] = clinic.api("intake", DANA, "GET", "/v1/clients")["items"]
        names = clinic.api("intake", DANA, "POST", "/v1/people/look-up", {"ids": [client["client_id"]]})["items"]
        assert canaries.FAMILY in names[0]["display_name"]
        clinic.hold(clinic.book(client["client_id"], ANA, at="2026-12-07T15:00"))
        assert clinic.offer(client["client_id"])["client_id"] == client["client_id"]
        assert broken_invariants(urls) == []

        assert "Last backup" in clinic.signed_in(CHRIS).get("/clinic").text
        assert "Last backup" not in clinic.signed_in(LEAD).get("/clinic").text
        assert b"backup_last_success_timestamp_seconds" in house.floors["intake"].worker.metrics.metrics.exposition()
    finally:
        house.end()


@pytest.mark.parametrize("at", [0.0, 0.001, 0.5, 0.999, 1.0])
def test_a_backup_with_one_damaged_byte_is_refused_before_anything_is_touched(
    backed_up: BackedUp, tmp_path: Path, at: float
) -> None:
    content = bytearray(backed_up.taken.file.read_bytes())
    content[int((len(content) - 1) * at)] ^= 1
    damaged = tmp_path / "damaged.tar.age"
    damaged.write_bytes(content)
    empty = tmp_path / "clinic"
    empty.mkdir()

    with pytest.raises(BackupRefused):
        restore(backed_up, damaged, empty)
    with pytest.raises(BackupRefused):
        restore(backed_up, damaged, tmp_path / "not-there")

    assert sorted(path.name for path in tmp_path.iterdir()) == ["clinic", "damaged.tar.age"]
    assert list(empty.iterdir()) == []


def test_a_damaged_page_is_found_by_a_restore_and_by_the_next_backup(backed_up: BackedUp, tmp_path: Path) -> None:
    data = tmp_path / "clinic"
    restore(backed_up, backed_up.taken.file, data)
    server = EmbeddedPostgres(data / "postgres", TEST_KEYS.password("admin"), settings=FAST_NOT_DURABLE)
    server.start()
    with psycopg.connect(server.url("rapport_intake")) as connection:
        [(file,)] = connection.execute("SELECT pg_relation_filepath('client')").fetchall()
    server.stop()
    page = data / "postgres" / file
    content = bytearray(page.read_bytes())
    content[5000] ^= 1
    page.write_bytes(content)

    with pytest.raises(BackupRefused, match="a page is damaged"):
        check_pages(data / "postgres", lambda _: None)
    server.start()
    try:
        plan = replace(
            backed_up.plan, server=backup_url(server.url(), TEST_KEYS.password), folder=tmp_path / "b", keys=None
        )
        with pytest.raises(BackupRefused, match="pg_dump failed"):
            take(plan, utc_now())
    finally:
        server.stop()
    assert backups_in(plan.folder) == {}


def test_a_target_that_holds_anything_is_refused(backed_up: BackedUp, tmp_path: Path) -> None:
    (tmp_path / "letter").write_text("mine")

    with pytest.raises(BackupRefused, match="not empty"):
        restore(backed_up, backed_up.taken.file, tmp_path)

    assert [path.read_text() for path in tmp_path.iterdir()] == ["mine"]


def test_a_server_that_has_a_clinic_is_refused(backed_up: BackedUp) -> None:
    with pytest.raises(BackupRefused, match=r"rapport_intake.* already"):
        restore_into_server(
            backed_up.taken.file,
            backed_up.server.url(),
            TEST_KEYS.password,
            TEST_KEYS,
            backed_up.recovery_key,
            checkpoints=backed_up.keys / "audit",
            say=lambda _: None,
        )


def trails(there: EmbeddedPostgres, folder: Path) -> dict[str, int]:
    return check_trails(service_urls_of(there.url(), TEST_KEYS.password), TEST_KEYS, folder, lambda _: None)


def test_a_trail_shorter_than_was_signed_is_told_and_its_checkpoints_are_put_aside(
    backed_up: BackedUp, brought_back: BroughtBack, there: EmbeddedPostgres, tmp_path: Path
) -> None:
    folder = tmp_path / "audit"
    shutil.copytree(backed_up.keys / "audit", folder)
    signed = Checkpoints(folder, "intake", TEST_KEYS.secret("audit|intake"))
    signed.write(1000, b"\1" * 32, utc_now())

    ahead = trails(there, folder)
    aside = put_aside(ahead, folder, utc_now())

    assert brought_back.restored.ahead == {}
    assert set(ahead) == {"intake"}
    assert len(aside["intake"].read_text().splitlines()) == 2
    assert not signed.path.exists()
    assert (folder / "feedback.jsonl").exists()
    assert trails(there, folder) == {}


def test_a_trail_that_is_not_the_one_that_was_signed_is_refused(there: EmbeddedPostgres, tmp_path: Path) -> None:
    Checkpoints(tmp_path, "intake", TEST_KEYS.secret("audit|intake")).write(1, b"\1" * 32, utc_now())

    with pytest.raises(BackupRefused, match="intake: the audit trail is broken"):
        trails(there, tmp_path)


def test_what_lies_between_the_databases_is_checked(there: EmbeddedPostgres) -> None:
    """An event that is archived or heard and not on the log, and a reader past its end: each is told."""
    urls = service_urls_of(there.url(), TEST_KEYS.password)
    log = with_database(there.url(), "rapport_log")
    with psycopg.connect(log) as connection:
        connection.execute(
            "UPDATE heads SET start_off = 0"
        )  # whatever earlier tests trimmed on the server it comes from
        connection.execute(
            "CREATE TABLE kept AS SELECT * FROM log WHERE (topic_id, part, off) IN "
            "(SELECT topic_id, part, max(off) FROM log GROUP BY topic_id, part)"
        )
        connection.execute(
            "DELETE FROM log USING kept WHERE (log.topic_id, log.part, log.off) = (kept.topic_id, kept.part, kept.off)"
        )
        connection.execute("UPDATE offsets SET off = off + 1000 WHERE committed_at IS NOT NULL")
    try:
        told = "; ".join(broken_invariants(urls))
        for words in ("were archived and are not on the log", "were heard by", "has read past the end of rapport."):
            assert words in told
    finally:
        with psycopg.connect(log) as connection:
            connection.execute("INSERT INTO log SELECT * FROM kept")
            connection.execute("UPDATE offsets SET off = off - 1000 WHERE committed_at IS NOT NULL")
            connection.execute("DROP TABLE kept")
    assert broken_invariants(urls) == []
