"""Members in processes of their own, for tests that kill them."""

import subprocess
import sys

from shared.eventlog.interface import (
    EventLog,
)
from tests.broker.fixture import ROOT


def group_of(log: EventLog, topic: str) -> str:
    """The one group that has committed a place in a topic of this test alone."""
    [group] = [name for name in log.groups() if name.startswith("readers.") and log.offsets(name, topic)]
    return group


def start_member(url: str, group: str, topic: str, count: int, *, commits: bool = False) -> "subprocess.Popen[bytes]":
    """A member in a process of its own."""
    command = [sys.executable, "-m", "tests.broker.member", url, group, topic, str(count)]
    return subprocess.Popen([*command, *(["commit"] if commits else [])], stdout=subprocess.PIPE, cwd=ROOT)


def kill_a_member_that_read(url: str, group: str, topic: str, count: int, *, commits: bool) -> None:
    """Let a process read, commit or not, and kill it."""
    victim = start_member(url, group, topic, count, commits=commits)
    assert victim.stdout is not None
    try:
        assert victim.stdout.readline() == b"read\n"
    finally:
        victim.kill()
        victim.wait()
        victim.stdout.close()
