"""
Backups of the clinic in one process: taken and tried by itself, each in a process of its own.

`python -m embedded.backups take` and `drill` read the same settings as the program. The program
starts them when they are due; a clinic that is switched off at night catches up after it was opened.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
import structlog

from embedded.keys import Keys, load_keys
from embedded.settings import EmbeddedConfig
from shared.backup.plan import NEWEST_KEY, RECIPIENT, BackupPlan, BackupRefused
from shared.backup.standing import Standing, backups_in, first_line, note, read_standing
from shared.clock import Clock, utc_now
from shared.database.provision import backup_url

if TYPE_CHECKING:
    from embedded.restoring import Restored

FIRST = timedelta(minutes=5)  # after the start, when whoever opens the clinic has their page
DRILL_EVERY = timedelta(days=7)
AFTER_FAILURE = timedelta(hours=1)
_LOOK_SECONDS = 30.0

_log = structlog.get_logger(__name__)


def plan_of(config: EmbeddedConfig, keys: Keys, server: str) -> BackupPlan | None:
    """What to back up of a clinic on a server, and whereto; None where settings say so, or no start made keys yet."""
    if config.backups is None or not (config.keys / RECIPIENT).exists():
        return None
    return BackupPlan(
        server=backup_url(server, keys.password),
        recipient=(config.keys / RECIPIENT).read_text().strip(),
        seed=keys.secret("backup"),
        folder=config.backups,
        keys=config.keys,
        apart_from=(config.data, config.keys),
    )


def due(standing: Standing, every: timedelta, now: datetime) -> str | None:
    """
    What is to be done now: `take`, `drill`, or nothing.

    A time ahead of `now` was noted by a clock that has been put right since, and counts for nothing.
    """
    if not _is_recent(now, every, standing.made_at) and not _is_recent(now, AFTER_FAILURE, standing.failed_at):
        return "take"
    drilled, failed = standing.drilled_at, standing.drill_failed_at
    if (
        standing.made_at is not None
        and not _is_recent(now, DRILL_EVERY, drilled)
        and not _is_recent(now, max(AFTER_FAILURE, every), failed)
    ):
        return "drill"
    return None


def _is_recent(now: datetime, within: timedelta, at: datetime | None) -> bool:
    return at is not None and at <= now < at + within


class BackupLoop:
    """Starts what is due, one thing at a time, for as long as the clinic is open."""

    def __init__(self, folder: Path, every: timedelta, clock: Clock) -> None:
        self._folder = folder
        self._every = every
        self._clock = clock
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="backups", daemon=True)

    def begin(self) -> None:
        """Look from now on."""
        self._thread.start()

    def end(self) -> None:
        """Stop looking; what is under way is broken off, and leaves nothing that counts."""
        self._stop.set()
        self._thread.join(10)

    def _run(self) -> None:
        self._stop.wait(FIRST.total_seconds())
        rests_until = self._clock()
        while not self._stop.is_set():
            now = self._clock()
            what = due(read_standing(self._folder), self._every, now)
            if what and not now < rests_until <= now + AFTER_FAILURE and not self._done(what):
                rests_until = self._clock() + AFTER_FAILURE  # whatever the reason, and even if it could not be noted
            self._stop.wait(_LOOK_SECONDS)

    def _done(self, what: str) -> bool:
        """Do it in a process of its own, which notes how it went; tells whether it went well."""
        command = [sys.executable, "-m", "embedded.backups", what]
        quiet = subprocess.DEVNULL
        with subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet) as child:  # noqa: S603 - ourselves
            while child.poll() is None:
                if self._stop.wait(0.5):
                    child.terminate()
                    return True
        if child.returncode != 0:
            _log.warning("a backup or its drill failed", job=what, reason=str(child.returncode))
        return child.returncode == 0


@click.group()
def main() -> None:
    """Take or try a backup, as the program does by itself."""
    from embedded.folder import end_with_parent  # noqa: PLC0415

    end_with_parent()
    os.nice(10)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was begun is taken down


@main.command()
def take() -> None:
    """Take a backup."""
    from embedded.clinic import find  # noqa: PLC0415
    from shared.backup.taking import take  # noqa: PLC0415

    clinic = find(os.environ)
    if clinic is not None and clinic.backup is not None:
        take(clinic.backup, utc_now())


@main.command()
def drill() -> None:
    """Restore the newest backup into a folder beside the data, prove it, and remove it again."""
    config = EmbeddedConfig.from_env(os.environ)
    keys = load_keys(config.keys)
    if config.backups is not None:
        run_drill(config, keys, utc_now())


def run_drill(config: EmbeddedConfig, keys: Keys, now: datetime) -> None:
    """
    Prove that the newest backup can be restored, and note how that went.

    Raises:
        BackupRefused, PostgresFailed, OSError, psycopg.Error: it cannot; noted too.
    """
    assert config.backups is not None
    try:
        newest, done = _drilled(config, config.backups, keys)
    except Exception as error:  # who breaks it off raises SystemExit, and nothing has failed
        note(config.backups, drill_failed_at=now, drill_failure=first_line(error))
        raise
    note(
        config.backups,
        drilled_at=now,
        drilled_of=newest,
        drill_seconds=round(done.seconds, 3),
        drill_failed_at=None,
        drill_failure="",
    )


def _drilled(config: EmbeddedConfig, backups: Path, keys: Keys) -> tuple[datetime, "Restored"]:
    from embedded.restoring import scratch_restore  # noqa: PLC0415 - only the child needs it

    made = backups_in(backups)
    if not made:
        raise BackupRefused(f"there is no backup in {backups}")
    newest = max(made)
    scratch = config.data.with_name(f"{config.data.name}.drill")
    identities = read_identities([config.keys / NEWEST_KEY])
    return newest, scratch_restore(made[newest], scratch, keys, identities, checkpoints=config.checkpoints)


def read_identities(files: Iterable[Path]) -> list[str]:
    """The private keys of age in these files, as `age-keygen` or Rapport wrote them; what is not there is left out."""
    found = []
    for file in files:
        if file.exists():
            found += [line.strip() for line in file.read_text().splitlines() if line.startswith("AGE-SECRET-KEY-")]
    return found


if __name__ == "__main__":
    main()
