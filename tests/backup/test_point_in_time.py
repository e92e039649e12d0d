"""PostgreSQL's own means bring back any moment between two backups, as the runbook says."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from embedded.postgres import EmbeddedPostgres, binaries, new_password


@pytest.fixture
def archived(tmp_path: Path) -> Iterator[tuple[EmbeddedPostgres, Path]]:
    """A server that ships its write-ahead log to a second place."""
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == tmp_path.stat().st_uid and folder.name.startswith(("test_", "pytest-", "popen-")):
            folder.chmod(0o755)
    place = tmp_path / "wal"
    place.mkdir(mode=0o777)
    place.chmod(0o777)
    server = EmbeddedPostgres(
        tmp_path / "pg",
        new_password(),
        settings={"archive_mode": "on", "archive_command": f"test ! -f {place}/%f && cp %p {place}/%f", "fsync": "off"},
    )
    server.start()
    yield server, place
    server.stop()


def test_what_was_deleted_by_mistake_is_there_a_moment_before(
    archived: tuple[EmbeddedPostgres, Path], tmp_path: Path
) -> None:
    server, wal = archived
    copy = tmp_path / "copy"
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE answers (n int)")
        _base_backup(server, copy)
        connection.execute("INSERT INTO answers SELECT generate_series(1, 100)")
        [(before,)] = connection.execute("SELECT clock_timestamp()").fetchall()
        time.sleep(0.01)  # the moment to come back to lies between two transactions
        connection.execute("DELETE FROM answers")
        [(segment,)] = connection.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchall()
        deadline = time.monotonic() + 60
        while not (wal / segment).exists() and time.monotonic() < deadline:
            time.sleep(0.02)
    server.stop()

    (copy / "recovery.signal").touch()
    _own(server, copy)
    back = EmbeddedPostgres(
        copy,
        server.password,
        settings={
            "restore_command": f"cp {wal}/%f %p",
            "recovery_target_time": str(before),
            "recovery_target_action": "promote",
        },
    )
    back.start()
    try:
        with psycopg.connect(back.url()) as connection:
            assert connection.execute("SELECT count(*) FROM answers").fetchone() == (100,)
    finally:
        back.stop()


def _base_backup(server: EmbeddedPostgres, to: Path) -> None:
    command = [str(binaries() / "pg_basebackup"), "-d", server.url(), "-D", str(to), "-X", "stream", "-c", "fast"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for left in to.glob("socket/.s.PGSQL*"):
        left.unlink()


def _own(server: EmbeddedPostgres, folder: Path) -> None:
    """As root the server runs as another user, who must own what it opens."""
    import os

    owner = server.data.stat()
    for path in (folder, *folder.rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
