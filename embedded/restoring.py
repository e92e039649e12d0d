"""
A whole clinic back from a backup: proved, let in, and checked as it stands then.

Into a folder of its own (with an embedded server, under another name until every check has
passed) or into a server that has no databases of Rapport.
"""

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg import sql

from embedded.databases import MIGRATIONS, prepare_databases, service_urls_of
from embedded.folder import DataFolder
from embedded.invariants import broken_invariants
from embedded.keys import KeyRing
from embedded.postgres import EmbeddedPostgres, binaries
from shared.backup.manifest import Manifest
from shared.backup.plan import BackupRefused
from shared.backup.restoring import differences, examine, restore
from shared.backup.snapshot import databases_of
from shared.database import Database
from shared.database.migrations import MigrationRefused
from shared.database.provision import ServiceUrls, create_service_database
from shared.database.roles import LOG_DATABASE, database_name
from shared.eventlog.postgres.provision import create_log_database
from shared.security.audit import ChainBroken, verify
from shared.security.audit.checkpoints import Checkpoints, CheckpointsUnreadable

Say = Callable[[str], None]
# Nothing but this restore relies on the server yet: if the machine fails, it is begun anew.
_IN_A_HURRY = {
    "fsync": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "maintenance_work_mem": "128MB",
}


@dataclass(frozen=True, slots=True)
class Restored:
    """
    A clinic that came back and was found whole.

    Attributes:
        manifest: What the backup said of itself.
        size: Of its file, bytes.
        seconds: From the first byte read to the last check.
        ahead: Trails of which more was signed than the backup holds: name -> how many entries more.
    """

    manifest: Manifest
    size: int
    seconds: float
    ahead: Mapping[str, int]


def restore_into_folder(
    file: Path, target: Path, keys: KeyRing, identities: Sequence[str], *, checkpoints: Path, say: Say
) -> Restored:
    """
    Make a data folder from a backup; it is there when everything in it has been checked, else not at all.

    Args:
        file: The backup.
        target: Where the data folder shall be: nothing, or an empty folder.
        keys: The keys of the clinic that made it.
        identities: Private keys of age, one of which opens it.
        checkpoints: Folder of the signed checkpoints; those of trails that are ahead are put aside.
        say: Told of each step.

    Raises:
        BackupRefused: the target is not empty, the backup is damaged or somebody else's, or a check failed.
        PostgresFailed: no server could be started.
    """
    began = time.monotonic()
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise BackupRefused(f"{target} is not empty: nothing is overwritten; name a folder that is not there yet")
    manifest = _examined(file, keys, identities, say)
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f"{target.name}.restoring-", dir=target.parent))
    partial.rmdir()  # made anew with the mode of a data folder
    try:
        ahead = _restore_here(file, partial, keys, identities, manifest, checkpoints, say)
        if target.exists():
            target.rmdir()
        partial.rename(target)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return Restored(manifest, file.stat().st_size, time.monotonic() - began, ahead)


def scratch_restore(
    file: Path, scratch: Path, keys: KeyRing, identities: Sequence[str], *, checkpoints: Path, say: Say = lambda _: None
) -> Restored:
    """As `restore_into_folder`, into a folder that is removed again, whatever comes of it; puts nothing aside."""
    began = time.monotonic()
    manifest = _examined(file, keys, identities, say)
    if scratch.exists():  # a drill that was killed left it, perhaps with its server
        EmbeddedPostgres(scratch / "postgres", keys.password("admin")).stop_orphan()
        shutil.rmtree(scratch)
    try:
        ahead = _restore_here(file, scratch, keys, identities, manifest, checkpoints, say)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return Restored(manifest, file.stat().st_size, time.monotonic() - began, ahead)


def restore_into_server(
    file: Path,
    server: str,
    password: Callable[[str], str],
    keys: KeyRing,
    identities: Sequence[str],
    *,
    checkpoints: Path,
    say: Say,
) -> Restored:
    """
    Make the databases on a server that has none of Rapport's; what fails takes away again what it made.

    Args:
        file: The backup.
        server: A role that may create databases and roles.
        password: Gives the password of a role by its name, as the clinic there will use it.
        keys: The keys of the clinic that made the backup.
        identities: Private keys of age, one of which opens it.
        checkpoints: As for `restore_into_folder`.
        say: Told of each step.

    Raises:
        BackupRefused: as for `restore_into_folder`.
        psycopg.OperationalError: the server does not answer.
    """
    began = time.monotonic()
    if there := databases_of(server):
        raise BackupRefused(f"the server has {', '.join(there)} already: nothing is overwritten")
    manifest = _examined(file, keys, identities, say)
    try:
        ahead = _fill(file, server, password, keys, identities, manifest, checkpoints, say)
    except BaseException:
        _drop(server, databases_of(server))
        raise
    return Restored(manifest, file.stat().st_size, time.monotonic() - began, ahead)


def put_aside(ahead: Mapping[str, int], checkpoints: Path, now: datetime) -> dict[str, Path]:
    """
    Put the checkpoint files aside of trails that are shorter now than was signed; name -> where it is now.

    The file is kept: it proves that there was more. A new one begins with the next entry.
    """
    aside = {}
    for name in ahead:
        file = checkpoints / f"{name}.jsonl"
        aside[name] = file.rename(file.with_name(f"{name}.until-{now:%Y%m%dT%H%M%SZ}.jsonl"))
    return aside


def _examined(file: Path, keys: KeyRing, identities: Sequence[str], say: Say) -> Manifest:
    began = time.monotonic()
    if not identities:
        raise BackupRefused("no key was given: the recovery key opens every backup (--key FILE)")
    manifest = examine(file, identities, keys.secret("backup"))
    size = file.stat().st_size
    say(f"The file is whole and this clinic's: {megabytes(size)} read in {time.monotonic() - began:.1f} s")
    return manifest


def _restore_here(
    file: Path,
    folder: Path,
    keys: KeyRing,
    identities: Sequence[str],
    manifest: Manifest,
    checkpoints: Path,
    say: Say,
) -> Mapping[str, int]:
    held = DataFolder(folder)
    held.take()
    server = EmbeddedPostgres(held.postgres, keys.password("admin"), settings=_IN_A_HURRY)
    try:
        server.start()
        ahead = _fill(file, server.url(), keys.password, keys, identities, manifest, checkpoints, say)
        server.stop()
        check_pages(held.postgres, say)
    finally:
        server.stop()
        held.release()
    os.sync()  # it was written in a hurry; from here on it counts
    return ahead


def _fill(
    file: Path,
    server: str,
    password: Callable[[str], str],
    keys: KeyRing,
    identities: Sequence[str],
    manifest: Manifest,
    checkpoints: Path,
    say: Say,
) -> Mapping[str, int]:
    """Databases from nothing to checked; gives the trails that are ahead."""
    unknown = manifest.databases.keys() - {LOG_DATABASE, *map(database_name, MIGRATIONS)}
    if unknown or {database_name(name) for name in MIGRATIONS} - manifest.databases.keys():
        raise BackupRefused(f"the backup holds {', '.join(sorted(manifest.databases))}: use the program that made it")
    owners = _create(server, password, manifest)
    restore(file, identities, manifest, owners, say)
    if wrong := differences(manifest, owners):
        raise BackupRefused(f"not every table came back as it was: {'; '.join(wrong)}")
    tables = sum(len(one.tables) for one in manifest.databases.values())
    say(f"Every table holds what it held: {tables} tables, {manifest.rows} rows")
    for url in owners.values():
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("ANALYZE")
    try:
        urls = prepare_databases(server, password)
    except MigrationRefused as error:
        raise BackupRefused(str(error)) from error
    say("Migrations are known to this program, and complete")
    ahead = check_trails(urls, keys, checkpoints, say)
    if LOG_DATABASE in manifest.databases and (violated := broken_invariants(urls)):
        raise BackupRefused(f"the databases do not fit together: {'; '.join(violated)}")
    say("Outboxes, event log and inboxes fit together")
    return ahead


def _create(server: str, password: Callable[[str], str], manifest: Manifest) -> dict[str, str]:
    """All roles and empty databases; database -> its URL as its owner."""
    for name in MIGRATIONS:
        create_service_database(server, name, password)
    urls = service_urls_of(server, password)
    owners = {database_name(name): one.owner for name, one in urls.items()}
    if LOG_DATABASE in manifest.databases:
        owners[LOG_DATABASE] = create_log_database(server, password)
    return owners


def check_trails(urls: Mapping[str, ServiceUrls], keys: KeyRing, checkpoints: Path, say: Say) -> dict[str, int]:
    """
    Check every audit trail against what was signed of it; gives those of which more was signed, and how much.

    Raises:
        BackupRefused: a trail was altered, or is another than the signed one.
    """
    ahead, compared = {}, 0
    for name, one in urls.items():
        try:
            signed = Checkpoints(checkpoints, name, keys.secret(f"audit|{name}")).read()
            database = Database(one.sealer, name="restore", size=1, statement_ms=3_600_000).open()
            with contextlib.closing(database), database.transaction() as tx:
                length = int(tx.value("SELECT no FROM audit_head") or 0)
                fitting = [checkpoint for checkpoint in signed if checkpoint.count <= length]
                verify(tx, fitting)
        except (ChainBroken, CheckpointsUnreadable) as error:
            raise BackupRefused(f"{name}: the audit trail is broken: {error}") from error
        compared += len(fitting)
        if len(fitting) < len(signed):
            ahead[name] = max(checkpoint.count for checkpoint in signed) - length
    say(f"The audit trails are whole, {compared} checkpoints agree")
    return ahead


def check_pages(data: Path, say: Say) -> None:
    """Check every page of a server that is stopped; raises BackupRefused for a damaged one."""
    began = time.monotonic()
    command = [str(binaries() / "pg_checksums"), "--check", "-D", str(data)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own binary
    if done.returncode != 0:
        raise BackupRefused(f"a page is damaged: {' '.join(done.stderr.split())}")
    say(f"Every page's checksum is right ({time.monotonic() - began:.1f} s)")


def _drop(server: str, names: Sequence[str]) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        for name in names:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def megabytes(size: int) -> str:
    """
    A size as people read it.

    >>> megabytes(12_345_678)
    '12.3 MB'
    """
    return f"{size / 1_000_000:.1f} MB"
