"""Kafka's libraries: fetched by Maven as pom.xml names them, once, and again when pom.xml changes."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
LIB = HERE / "lib"
_FETCH_SECONDS = 600


class BrokerFailed(Exception):
    """The broker cannot run here; the message is one line and says what to do."""


def java() -> str:
    """
    The Java runtime.

    Raises:
        BrokerFailed: there is none.
    """
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=f"{home}/bin") if home else shutil.which("java")
    if found is None:
        raise BrokerFailed("the Kafka broker needs Java 17 or newer, and no 'java' was found (PATH, JAVA_HOME)")
    return found


def libraries() -> Path:
    """
    The folder with all jars, fetched now if need be; safe for several processes at once.

    Raises:
        BrokerFailed: Maven is missing or could not fetch them.
    """
    stamp = hashlib.sha256((HERE / "pom.xml").read_bytes()).hexdigest()
    marker = LIB / "pom.sha256"
    if _is(marker, stamp):
        return LIB
    with (HERE / ".lib.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is(marker, stamp):
            _fetch()
            marker.write_text(stamp)
    return LIB


def _is(marker: Path, stamp: str) -> bool:
    return marker.exists() and marker.read_text() == stamp


def _fetch() -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise BrokerFailed("the Kafka broker's libraries are fetched by Maven, and no 'mvn' was found on PATH")
    java()
    shutil.rmtree(LIB, ignore_errors=True)
    command = [maven, "-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={LIB}"]
    try:
        run = subprocess.run(  # noqa: S603 - Maven itself, no shell
            command, cwd=HERE, capture_output=True, text=True, check=False, timeout=_FETCH_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise BrokerFailed(f"mvn did not fetch Kafka's libraries within {_FETCH_SECONDS} s") from None
    if run.returncode != 0 or not list(LIB.glob("kafka_*.jar")):
        lines = [line for line in (run.stdout + run.stderr).splitlines() if line.strip()]
        raise BrokerFailed(f"mvn could not fetch Kafka's libraries: {lines[0] if lines else 'no message'}")
