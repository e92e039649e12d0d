"""The parent of the one-process form: watches PostgreSQL and the clinic's process, and starts again what has ended."""

import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType

import click

from embedded.folder import end_with_parent
from embedded.postgres import EmbeddedPostgres, PostgresFailed

EXIT_GAVE_UP = 70  # EX_SOFTWARE
_SECONDS_TO_END = 40.0  # of the clinic's process; its own limits are shorter


class GaveUp(Exception):
    """A part ended again and again; the message says which, and what to do."""


class StopRequested(BaseException):
    """SIGTERM or Ctrl-C: wherever the parent is, it ends now."""


@dataclass
class Tries:
    """How often a part may be started again: `most` times in any `within` seconds."""

    most: int = 5
    within: float = 300
    _at: list[float] = field(default_factory=list)

    def again(self, now: float) -> bool:
        """Note one more start at `now` (seconds of any clock that never steps back); False when it is one too many."""
        self._at = [at for at in self._at if now - at < self.within]
        if len(self._at) >= self.most:
            return False
        self._at.append(now)
        return True

    def pause(self) -> float:
        """Seconds to wait before the start just noted: none for the first, then longer."""
        return float((0, 1, 2, 5, 10)[min(len(self._at), 5) - 1])


@contextmanager
def ends_on_signal() -> Iterator[None]:
    """Within the block SIGTERM and SIGINT raise `StopRequested`; what stands in its `finally` is left in peace."""

    def tell(_number: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        raise StopRequested

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, tell)
    yield


class Supervisor:
    """
    Runs the clinic's process beside PostgreSQL until it is told to end.

    Args:
        postgres: The embedded server, running; None for an outside one.
        clinic: What the other process does, in a fork; it returns when SIGTERM asks it to.
        tries: How often each of the two may be started again.
    """

    def __init__(
        self, postgres: EmbeddedPostgres | None, clinic: Callable[[], None], *, tries: Callable[[], Tries] = Tries
    ) -> None:
        self._postgres = postgres
        self._clinic = clinic
        self._tries = {"PostgreSQL": tries(), "the clinic's process": tries()}
        self._child = 0
        self._woken, self._waker = os.pipe()
        os.set_blocking(self._waker, False)
        os.set_blocking(self._woken, False)

    def run(self) -> None:
        """
        Watch until `StopRequested`.

        Raises:
            GaveUp: a part could not be kept running.
        """
        signal.signal(signal.SIGCHLD, lambda *_: None)  # to be woken by it
        signal.set_wakeup_fd(self._waker, warn_on_full_buffer=False)
        try:
            self._child = self._fork()
            while True:
                self._wait(None)
                if self._postgres is not None and not self._postgres.running():
                    self._start_postgres_again(self._postgres)
                if self._child_has_ended():
                    self._may_start_again("the clinic's process", "its log is rapport.log in the data folder")
                    self._child = self._fork()
        finally:
            self._end_child()
            signal.set_wakeup_fd(-1)

    def _start_postgres_again(self, postgres: EmbeddedPostgres) -> None:
        why = f"its log is {postgres.log}"
        while True:
            self._may_start_again("PostgreSQL", why)
            try:
                postgres.start()
            except PostgresFailed as failed:
                why = str(failed)
            else:
                click.echo("PostgreSQL is up again.")
                return

    def _may_start_again(self, part: str, why: str) -> None:
        tries = self._tries[part]
        if not tries.again(time.monotonic()):
            raise GaveUp(
                f"{part} ended {tries.most + 1} times in {tries.within / 60:.0f} minutes, so Rapport ends: {why}"
            )
        click.echo(f"rapport: {part} has ended and is started again", err=True)
        if pause := tries.pause():
            time.sleep(pause)

    def _wait(self, seconds: float | None) -> None:
        select.select([self._woken], [], [], seconds)
        while True:
            try:
                os.read(self._woken, 512)
            except BlockingIOError:
                return

    def _fork(self) -> int:
        sys.stdout.flush()
        sys.stderr.flush()
        child = os.fork()
        if child:
            return child
        code = EXIT_GAVE_UP
        try:
            signal.set_wakeup_fd(-1)
            for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            end_with_parent()
            self._clinic()
            code = 0
        except BaseException:  # noqa: BLE001 - a fork must never return into its parent's code
            traceback.print_exc()
        finally:
            os._exit(code)

    def _child_has_ended(self) -> bool:
        return os.waitpid(self._child, os.WNOHANG)[0] != 0

    def _end_child(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        if not self._child:
            return
        deadline = time.monotonic() + _SECONDS_TO_END
        try:
            os.kill(self._child, signal.SIGTERM)
            while not self._child_has_ended():
                if time.monotonic() > deadline:
                    os.kill(self._child, signal.SIGKILL)
                    os.waitpid(self._child, 0)
                    return
                self._wait(0.5)
        except (ProcessLookupError, ChildProcessError):
            return
