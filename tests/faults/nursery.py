"""
A process that has imported everything and forks children on request, so that a new victim costs milliseconds.

It never opens a connection or starts a thread: what it forks is as good as a fresh process.
`python -m tests.faults.nursery` reads one JSON line a child from standard input and answers with its process id.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_ROOT = Path(__file__).resolve().parents[2]


class Child:
    """One forked process."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def kill(self) -> None:
        """End it at once: no handler runs, nothing is flushed."""
        os.kill(self.pid, signal.SIGKILL)
        self.wait(10)

    def terminate(self) -> None:
        """Ask it to finish."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGTERM)

    def alive(self) -> bool:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def wait(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while self.alive():
            assert time.monotonic() < deadline, f"process {self.pid} does not end"
            time.sleep(0.002)


class Nursery:
    """The forking process, as a context; all children end with it."""

    def __init__(self, output: Path) -> None:
        self._output = output
        self._children: list[Child] = []

    def __enter__(self) -> Self:
        self._file = self._output.open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._file,
            text=True,
        )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for child in self._children:
            if child.alive():
                child.kill()
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._file.close()

    def start(self, part: str, **settings: Any) -> Child:
        """Fork a child that runs one of `PARTS`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([part, settings]) + "\n")
        self._process.stdin.flush()
        child = Child(int(self._process.stdout.readline()))
        self._children.append(child)
        return child

    def said(self) -> str:
        """What the children wrote to standard error, for the report of a failure."""
        return self._output.read_text()[-4000:]


def _nurse() -> None:
    import kafka  # noqa: F401 - a quarter of a second that no child should pay

    from tests.faults.parts import PARTS

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are not waited for
    for line in sys.stdin:
        part, settings = json.loads(line)
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.dup2(2, 1)  # standard output is the nursery's own
            os.close(0)
            try:
                PARTS[part](settings)
            except BaseException:  # noqa: BLE001 - the report must not be lost with the process
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        print(pid, flush=True)


if __name__ == "__main__":
    _nurse()
