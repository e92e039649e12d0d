"""
Restoring a backup: proved whole first, then let into empty databases, then compared row by row.

The file is read twice. The first time nothing is done but to prove every byte of it; only then is
anything touched, and the second reading is proved again.
"""

import hashlib
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, Any

from shared.backup import archive
from shared.backup.manifest import NAME, SIGNATURE, Manifest, check_signature
from shared.backup.plan import BackupRefused
from shared.backup.programs import program, reachable
from shared.backup.snapshot import states_of

_DUMP = ".dump."


def examine(file: Path, identities: Sequence[str], seed: bytes) -> Manifest:
    """
    Prove a backup whole and made by this clinic, without unpacking it anywhere.

    Args:
        file: The backup.
        identities: Private keys of age, one of which opens it.
        seed: What its manifest was signed with.

    Raises:
        BackupRefused: it is damaged, cut off, somebody else's, or of a later format.
        OSError: it cannot be read.
    """
    digests: dict[str, Any] = {}
    sizes: dict[str, int] = {}
    kept: dict[str, bytes] = {}

    def sink(name: str, content: bytes) -> None:
        if name in (NAME, SIGNATURE):
            kept[name] = content
            return
        database = _database_of(name)
        digests.setdefault(database, hashlib.sha256()).update(content)
        sizes[database] = sizes.get(database, 0) + len(content)

    with file.open("rb") as opened:
        archive.read(opened, identities, sink)
    if kept.keys() != {NAME, SIGNATURE}:
        raise BackupRefused("the backup holds no manifest")
    check_signature(kept[NAME], kept[SIGNATURE], seed)
    manifest = Manifest.from_json(kept[NAME])
    found = {name: (sizes[name], digest.hexdigest()) for name, digest in digests.items()}
    if found != {name: (one.size, one.sha256) for name, one in manifest.databases.items()}:
        raise BackupRefused("the backup does not hold what its manifest says")
    return manifest


def restore(
    file: Path, identities: Sequence[str], manifest: Manifest, owners: Mapping[str, str], say: Callable[[str], None]
) -> None:
    """
    Let a backup that was examined into empty databases.

    Args:
        file: The backup.
        identities: As for `examine`.
        manifest: What `examine` gave.
        owners: Database -> its URL as the role that shall own its tables; every role that the
            dump grants anything to is there.
        say: Told of each database.

    Raises:
        BackupRefused: it is another file by now, or a program failed; the databases hold a part.
    """
    feeding = _Feeding(owners, say)
    digests = {name: hashlib.sha256() for name in manifest.databases}

    def sink(name: str, content: bytes) -> None:
        if name not in (NAME, SIGNATURE):
            digests[_database_of(name)].update(content)
            feeding.take(_database_of(name), content)

    try:
        with file.open("rb") as opened:
            archive.read(opened, identities, sink)
        feeding.finish()
    finally:
        feeding.stop()
    if {name: digest.hexdigest() for name, digest in digests.items()} != {
        name: one.sha256 for name, one in manifest.databases.items()
    }:
        raise BackupRefused(f"{file} was changed while it was read")


def differences(manifest: Manifest, owners: Mapping[str, str]) -> list[str]:
    """Every table that does not hold what it held at the moment of the backup; none when all is as it was."""
    wrong = []
    for name, then in manifest.databases.items():
        now = states_of(owners[name])
        wrong += [f"{name}: {table} is missing" for table in sorted(then.tables.keys() - now.keys())]
        wrong += [f"{name}: {table} was not there" for table in sorted(now.keys() - then.tables.keys())]
        for table in sorted(then.tables.keys() & now.keys()):
            if now[table] != then.tables[table]:
                wrong.append(f"{name}: {table} has {now[table].rows} rows of {then.tables[table].rows}, or other ones")
    return wrong


def _database_of(member: str) -> str:
    name, dump, _ = member.partition(_DUMP)
    if not dump:
        raise BackupRefused("the backup holds something else than Rapport writes")
    return name


class _Feeding:
    """Feeds the dumps, one after the other, to pg_restore."""

    def __init__(self, owners: Mapping[str, str], say: Callable[[str], None]) -> None:
        self._owners = owners
        self._say = say
        self._database = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._open = ExitStack()  # what the process needs for as long as it runs
        self._said: IO[bytes] | None = None

    def take(self, database: str, content: bytes) -> None:
        """The next piece of a dump."""
        if database != self._database:
            self.finish()
            self._say(f"{database} ...")
            self._database = database
            self._begin()
        assert self._process is not None
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(content)
        except BrokenPipeError:
            self.finish()  # says why it ended
            raise

    def finish(self) -> None:
        """Wait for the dump in hand; raises BackupRefused when it could not be restored."""
        if self._process is None or self._said is None:
            return
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        code = self._process.wait()
        self._said.seek(0)
        lines = [line for line in self._said.read().decode(errors="replace").splitlines() if "error" in line]
        self.stop()
        if code != 0:
            raise BackupRefused(f"{self._database} could not be restored: {lines[0] if lines else code}")

    def stop(self) -> None:
        """End what still runs; safe to call twice."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
        self._open.close()

    def _begin(self) -> None:
        address, environment = self._open.enter_context(reachable(self._owners[self._database]))
        self._said = self._open.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - closed by the stack
        command = [str(program("pg_restore")), "--format=custom", "--no-owner", "--single-transaction", "--no-password"]
        self._process = subprocess.Popen(  # noqa: S603 - PostgreSQL's own program, no shell
            [*command, f"--dbname={address}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._said,
            env=environment,
        )
