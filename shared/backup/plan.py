"""What to back up, whereto, and with which keys."""

from dataclasses import dataclass
from pathlib import Path

RECOVERY_KEY, RECIPIENT = (
    "recovery.key",
    "backup.recipient",
)  # the private half, which belongs elsewhere; the public one
NEWEST_KEY = "newest-backup.key"  # opens the newest backup alone: for the drill


class BackupRefused(Exception):
    """A backup cannot be taken or used as it is; the message says why."""


@dataclass(frozen=True, slots=True, repr=False)
class BackupPlan:
    """
    What to back up and whereto; holds a password and a key, so it has no repr.

    Attributes:
        server: The PostgreSQL server, as role rapport_backup.
        recipient: The public half of the recovery key (age1...).
        seed: 32 bytes, signs the manifests.
        folder: Where the backups go.
        keys: The folder of the clinic's keys, which no backup holds; there the key to the newest is kept for the
            drill. None: nowhere.
        apart_from: Folders in which no backup may lie: the data, and the keys.
    """

    server: str
    recipient: str
    seed: bytes
    folder: Path
    keys: Path | None
    apart_from: tuple[Path, ...]


def make_folder(folder: Path, *, apart_from: tuple[Path, ...]) -> None:
    """
    Make the folder for backups if it is not there.

    Raises:
        BackupRefused: it lies inside the data or the keys, or they lie in it, or it cannot be made.
    """
    place = folder.resolve()
    for other in (one.resolve() for one in apart_from):
        if place == other or other in place.parents:
            raise BackupRefused(f"{folder} lies inside {other}: what is lost with it is no backup")
        if place in other.parents:
            raise BackupRefused(f"{other} lies inside {folder}: give the backups a folder of their own")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BackupRefused(f"{folder} cannot be made: {error.strerror}") from error
