"""The disk under the data folder: how full it is, and a file that can be deleted when it is full."""

import os
import threading
import time
from pathlib import Path

LEAST_FREE = 0.05  # of the disk: below it changes are refused, because PostgreSQL stops altogether on a full one
LOW = 0.15  # of the disk: said to operators
_KEPT_SECONDS = 5.0
_FILE = "reserve"


class Disk:
    """The disk with the data folder; asked at most every five seconds, by any thread."""

    def __init__(self, folder: Path, *, least_free: float = LEAST_FREE) -> None:
        self._folder = folder
        self._least_free = least_free
        self._lock = threading.Lock()
        self._asked = (float("-inf"), 1.0)

    def free(self) -> float:
        """The free part of the disk, 0 to 1, as PostgreSQL's user may use it."""
        with self._lock:
            if time.monotonic() - self._asked[0] > _KEPT_SECONDS:
                self._asked = (time.monotonic(), _free(self._folder))
            return self._asked[1]

    def has_room(self) -> bool:
        """Tell whether there is room for changes; what only reads goes on without."""
        return self.free() >= self._least_free


def keep_reserve(folder: Path, size: int) -> None:
    """
    Have a file of `size` bytes in the data folder, where the disk has room to spare; 0: have none.

    On a full disk not even a deletion in the database works. Whoever is called deletes this file
    first; the next start with room makes it again.

    Raises:
        OSError: the folder cannot be written.
    """
    path = folder / _FILE
    have = path.stat().st_size if path.exists() else 0
    if have == size:
        return
    path.unlink(missing_ok=True)
    status = os.statvfs(folder)
    if not size or status.f_bavail * status.f_frsize - size < LOW * status.f_blocks * status.f_frsize:
        return
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, size)
        else:
            for _ in range(0, size, 1_000_000):
                file.write(b"\0" * min(1_000_000, size - file.tell()))


def _free(folder: Path) -> float:
    status = os.statvfs(folder)
    return status.f_bavail / status.f_blocks if status.f_blocks else 1.0
