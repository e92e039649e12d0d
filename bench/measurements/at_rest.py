"""
The embedded clinic at rest: `python -m embedded run` with an empty clinic, nobody signed in.

After the start and a pause, processor time and memory of all its processes are summed over 30 seconds:
the parent, the web process with its workers' threads, and PostgreSQL's processes, those that came and went
included. Memory is the proportional set size where the system tells it (shared pages counted once), else
the resident size. The limits are 1 % of one core and 300 MB. Start-up is until the first page answers.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from bench.figures import Better, Figure, Side, limit
from bench.ground import Ground
from bench.load import wait_until_ready
from bench.machine import cpu_seconds
from deploy.kafka.broker import free_ports

CPU_LIMIT = 1.0  # percent of one core
MEMORY_LIMIT = 300.0  # MB
START_LIMIT = 15.0  # seconds, an empty folder included


def measure(ground: Ground) -> list[Figure]:
    calm, watch = (5, 10) if ground.quick else (20, 30)
    with _clinic(ground.folder / "clinic") as (process, started):
        time.sleep(calm)
        before, began = cpu_seconds(process.pid), time.monotonic()
        time.sleep(watch)
        percent = (cpu_seconds(process.pid) - before) / (time.monotonic() - began) * 100
        memory, counted = _memory_mb(process)
        proven = f"{counted} processes over {watch} s."
    name = "empty clinic"
    return [
        Figure(
            "Embedded at rest, processor", "% of a core", Side(name, (percent,)), limit(CPU_LIMIT), Better.LESS, 1.0
        ),
        Figure("Embedded at rest, memory", "MB", Side(name, (memory,)), limit(MEMORY_LIMIT), Better.LESS, 1.0, proven),
        Figure("Embedded, first start", "s", Side(name, (started,)), limit(START_LIMIT), Better.LESS, 1.0),
    ]


@contextmanager
def _clinic(data: Path) -> Iterator[tuple[psutil.Process, float]]:
    """The embedded clinic, and the seconds until its first page."""
    port = free_ports(1)[0]
    environment = {"DEMO": "0", "RAPPORT_DATA": str(data), "RAPPORT_PORT": str(port)}
    began = time.monotonic()
    with (data.parent / "clinic.log").open("ab") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "embedded", "run"],
            env={**os.environ, **environment},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        wait_until_ready(f"http://127.0.0.1:{port}/sign-in", 60)
        yield psutil.Process(child.pid), time.monotonic() - began
    finally:
        child.terminate()
        child.wait(40)


def _memory_mb(process: psutil.Process) -> tuple[float, int]:
    family = [process, *process.children(recursive=True)]
    total = 0
    for one in family:
        told = one.memory_full_info()
        total += getattr(told, "pss", told.rss)
    return total / 1_000_000, len(family)
