"""Taking a backup: PostgreSQL's own dumps of one moment, straight into an encrypted file, proved before it counts."""

import fcntl
import hashlib
import importlib.metadata
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from shared.backup import archive
from shared.backup.archive import CHUNK, Member
from shared.backup.manifest import NAME, SIGNATURE, DatabaseState, Manifest, sign
from shared.backup.plan import NEWEST_KEY, BackupPlan, BackupRefused, make_folder
from shared.backup.programs import program, reachable
from shared.backup.restoring import examine
from shared.backup.retention import kept
from shared.backup.snapshot import Moment, one_moment, states
from shared.backup.standing import backups_in, first_line, name_of, note, read_standing
from shared.database.roles import with_database
from shared.files import sync_folder, write_whole

Progress = Callable[[str], None]


def silent(_: str) -> None:
    """Say nothing."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A backup that was taken and read back."""

    file: Path
    manifest: Manifest
    size: int  # bytes
    seconds: float


def take(plan: BackupPlan, now: datetime, *, say: Progress = silent) -> Taken:
    """
    Take a backup, read it back, and let go of those that are no longer kept.

    Raises:
        BackupRefused: the folder cannot be used, another backup runs, there is no room, or a program failed.
        NoMoment, psycopg.Error: the databases could not be read.
        OSError: the file could not be written.
    """
    make_folder(plan.folder, apart_from=plan.apart_from)
    with _alone(plan.folder):
        try:
            taken = _take(plan, now, say)
        except Exception as error:
            note(plan.folder, failed_at=now, failure=first_line(error))
            raise
        note(
            plan.folder,
            made_at=now,
            size=taken.size,
            seconds=round(taken.seconds, 3),
            failed_at=None,
            failure="",
        )
        prune(plan.folder, now)
    return taken


def prune(folder: Path, now: datetime) -> list[Path]:
    """Remove the backups that `retention` does not keep, and what was broken off; returns what went."""
    made = backups_in(folder)
    gone = [made[at] for at in made.keys() - kept(made, now)]
    for path in (*gone, *folder.glob("rapport-*.tar.age.partial")):
        path.unlink(missing_ok=True)
    return gone


def _take(plan: BackupPlan, now: datetime, say: Progress) -> Taken:
    began = time.monotonic()
    file = plan.folder / name_of(now)
    if file.exists():
        raise BackupRefused(f"{file} is there already")
    _check_room(plan.folder)
    drill_key, drill_recipient = archive.new_identity()
    partial = file.with_name(f"{file.name}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as out, one_moment(plan.server) as moment:
            archive.write(out, [plan.recipient, drill_recipient], _members(plan, moment, now, say))
            out.flush()
            os.fsync(out.fileno())
        say("reading it back")
        manifest = examine(partial, [drill_key], plan.seed)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    if plan.keys is not None:
        write_whole(plan.keys / NEWEST_KEY, f"{drill_key}\n".encode(), mode=0o400)
    partial.rename(file)
    sync_folder(plan.folder)
    return Taken(file, manifest, file.stat().st_size, time.monotonic() - began)


def _members(plan: BackupPlan, moment: Moment, now: datetime, say: Progress) -> Iterator[Member]:
    told = {}
    for name, snapshot in moment.snapshots.items():
        say(f"{name} ...")
        digest, size = hashlib.sha256(), 0
        for number, chunk in enumerate(_dump(with_database(plan.server, name), snapshot)):
            digest.update(chunk)
            size += len(chunk)
            yield f"{name}.dump.{number:06}", chunk
        told[name] = DatabaseState(size, digest.hexdigest(), states(moment.connections[name]))
    manifest = Manifest(
        made_at=now,
        release=importlib.metadata.version("rapport"),
        server=moment.server,
        moment=moment.ids,
        wal_position=moment.wal_position,
        databases=told,
    ).to_json()
    yield NAME, manifest
    yield SIGNATURE, sign(manifest, plan.seed)


def _dump(url: str, snapshot: str) -> Iterator[bytes]:
    """The dump of one database, in pieces; raises BackupRefused when pg_dump fails."""
    command = [
        str(program("pg_dump")),
        "--format=custom",
        "--compress=gzip:1",
        f"--snapshot={snapshot}",
        "--no-password",
    ]
    with reachable(url) as (address, environment), tempfile.TemporaryFile() as said:
        with subprocess.Popen(  # noqa: S603 - PostgreSQL's own program, no shell
            [*command, f"--dbname={address}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            env=environment,
        ) as process:
            assert process.stdout is not None
            try:
                while piece := process.stdout.read(CHUNK):
                    yield piece
            except BaseException:
                process.kill()
                raise
        said.seek(0)
        lines = said.read().decode(errors="replace").splitlines()
    if process.returncode != 0:
        raise BackupRefused(f"pg_dump failed: {lines[0] if lines else process.returncode}")


def _check_room(folder: Path) -> None:
    last, free = read_standing(folder).size, shutil.disk_usage(folder).free
    if free < 2 * last:
        raise BackupRefused(f"{folder} has {free >> 20} MB left, the last backup took {last >> 20}: make room")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One backup at a time writes to a folder."""
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupRefused(f"another backup to {folder} is running") from error
        yield
