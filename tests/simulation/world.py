"""The scheduler: one thread, one seed, processes that may be stopped or killed between any two steps."""

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from greenlet import greenlet

STEP = timedelta(milliseconds=250)  # of the world's clock, for each step of anybody


class Crashed(BaseException):
    """This process was killed: nothing it still does may reach the outside."""


class Restless(Exception):
    """The world does not come to rest."""


@dataclass(eq=False)
class Process:
    """A program with its crash: what it calls from `work` on runs until it ends or is killed."""

    name: str
    work: Callable[[], None]
    alive: bool = True
    stalled: int = 0  # steps of others for which it stands still
    asked_to_end: bool = False
    let: greenlet = field(init=False)


class World:
    """
    Time, chance and the processes.

    Args:
        seed: Decides everything.
        tell: Called with one line for each thing that happens; for replaying one seed.
    """

    def __init__(self, seed: int, tell: Callable[[str], None] | None = None) -> None:
        self.chance = random.Random(seed)
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
        self.reached: set[str] = set()
        self.processes: list[Process] = []
        self.steps = 0
        self._tell = tell
        self._hub = greenlet.getcurrent()
        self._running: Process | None = None

    def clock(self) -> datetime:
        """What every process reads."""
        return self.now

    def sometimes(self, what: str) -> None:
        """Note that something worth testing has happened."""
        self.reached.add(what)
        self.tell(what)

    def tell(self, what: str) -> None:
        """One line of the story."""
        if self._tell is not None:
            name = self._running.name if self._running else "world"
            self._tell(f"{self.steps:5} {self.now:%H:%M:%S} {name:12} {what}")

    def start(self, name: str, work: Callable[[], None]) -> Process:
        """Start a process."""
        process = Process(name, work)

        def run() -> None:
            with suppress(Crashed):
                work()
            process.alive = False

        process.let = greenlet(run, parent=self._hub)
        self.processes.append(process)
        return process

    def pause(self, where: str) -> None:
        """A step of the process that runs ends here; it may never go on."""
        me = self._running
        assert me is not None
        if not me.alive:
            raise Crashed
        self.tell(where)
        self._hub.switch()
        if not me.alive:
            raise Crashed

    @property
    def ending(self) -> bool:
        """Whether the process that runs was asked to end."""
        return self._running is not None and self._running.asked_to_end

    def kill(self, process: Process) -> None:
        """End a process as `kill -9` does."""
        if not process.alive:
            return
        process.alive = False
        self.tell(f"{process.name} is killed")
        if process.let:  # it has begun
            self._run(process, lambda: process.let.throw(Crashed))
        self.processes.remove(process)

    def step(self) -> None:
        """Let one process go on to its next step."""
        self.steps += 1
        self.now += STEP
        ready = [process for process in self.processes if process.stalled == 0]
        for process in self.processes:
            process.stalled = max(0, process.stalled - 1)
        if not ready:
            return
        process = ready[self.chance.randrange(len(ready))]
        self._run(process, process.let.switch)
        if not process.alive:
            self.processes.remove(process)

    def end(self) -> None:
        """Kill everybody, so that nothing is left behind."""
        for process in list(self.processes):
            self.kill(process)

    def _run(self, process: Process, switch: Callable[[], object]) -> None:
        self._running = process
        switch()
        self._running = None
