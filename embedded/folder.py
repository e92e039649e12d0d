"""The data folder: one program at a time, and nobody else looks in."""

import ctypes
import fcntl
import os
import signal
import sys
import time
from pathlib import Path

_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>
# As root the server runs as another user. On Linux it is started inside its folder; elsewhere it must pass through.
_MODE = 0o711 if sys.platform != "linux" and os.geteuid() == 0 else 0o700
_PATIENCE = 20.0  # seconds for the children of a killed program to end


class FolderInUse(Exception):
    """Another Rapport runs on this data folder."""


class FolderRefused(Exception):
    """The data folder cannot be used as it is; the message says why, and what to do."""


class DataFolder:
    """Holds the lock of a data folder for as long as the process lives, kill -9 included."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = -1

    def take(self) -> None:
        """
        Make the folder if absent and lock it.

        Raises:
            FolderInUse: another process holds it; the message names its process id.
            FolderRefused: it is somebody else's, or cannot be written.
        """
        try:
            self.path.mkdir(mode=_MODE, parents=True, exist_ok=True)
            self._close_to_others()
            self._descriptor = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise FolderRefused(
                f"the data folder {self.path} cannot be written ({error.strerror}): "
                "set RAPPORT_DATA to a folder on a disk that can be"
            ) from error
        deadline, said = time.monotonic() + _PATIENCE, False
        while not self._locked():
            holder = os.pread(self._descriptor, 20, 0).decode().strip() or "unknown"
            # After kill -9 of the program its children need a moment to notice; they still hold the lock.
            if _is_alive(holder) or time.monotonic() > deadline:
                os.close(self._descriptor)
                raise FolderInUse(f"Rapport already runs on {self.path} (process {holder})")
            if not said:
                said = True
                print(f"Waiting for what an earlier start on {self.path} left behind ...", flush=True)  # noqa: T201
            time.sleep(0.1)
        os.ftruncate(self._descriptor, 0)
        os.write(self._descriptor, f"{os.getpid()}\n".encode())

    def _close_to_others(self) -> None:
        status = self.path.stat()
        if status.st_uid != os.geteuid():
            raise FolderRefused(
                f"the data folder {self.path} belongs to user {status.st_uid}, not to you: "
                "start Rapport as that user, or give the folder to yours (chown)"
            )
        if status.st_mode & 0o777 & ~_MODE:
            self.path.chmod(_MODE)

    def release(self) -> None:
        """Let others have the folder before this process ends."""
        os.close(self._descriptor)

    def _locked(self) -> bool:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    @property
    def postgres(self) -> Path:
        """Where the embedded server keeps its files."""
        return self.path / "postgres"

    @property
    def lock(self) -> int:
        """The descriptor that holds the lock: a child that is given it keeps the folder until it ends, too."""
        return self._descriptor


def end_with_parent() -> None:
    """Have the kernel end this process when its parent is killed: nobody would hold its folder (Linux, prctl(2))."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _is_alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return True
