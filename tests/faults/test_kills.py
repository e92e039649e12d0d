"""
kill -9 at any moment: nothing committed is lost, nothing takes effect twice, order per client is kept.

The same judge must find the losses of two builds that are wrong on purpose.
"""

import os
import signal
from pathlib import Path

import pytest

from tests.faults.ground import Clinic, Ground, until
from tests.faults.history import judge
from tests.faults.nursery import Nursery

pytestmark = pytest.mark.faults

ROUNDS = 100
SEED = 20260302


def test_a_hundred_kills_lose_nothing_on_the_log_in_postgresql(
    ground: Ground, nursery: Nursery, tmp_path: Path
) -> None:
    _kill_everyone(ground, nursery, ground.log_url, tmp_path, pause=0.2)


@pytest.mark.kafka
def test_a_hundred_kills_lose_nothing_on_kafka(
    ground: Ground, nursery: Nursery, tmp_path: Path, kafka_url: str
) -> None:
    _kill_everyone(ground, nursery, kafka_url, tmp_path, pause=0.5)


def test_telling_after_the_commit_without_an_outbox_is_found_out(
    ground: Ground, nursery: Nursery, tmp_path: Path
) -> None:
    ground.make_topics(ground.log_url)
    clinic = Clinic(ground, nursery, ground.log_url, tmp_path, SEED)
    clinic.start("writer", threads=2, dual_write=True)

    clinic.kill_rounds(30, ("writer",), threads=2, dual_write=True)
    findings = judge(clinic.finish(5))

    assert findings.unpublished, "a crash between commit and publishing must have lost something"


@pytest.mark.parametrize("relay", ["relay", "relay_by_last_id"])
def test_a_reader_that_remembers_the_last_id_is_found_out_and_the_relay_is_not(
    ground: Ground, nursery: Nursery, tmp_path: Path, relay: str
) -> None:
    ground.make_topics(ground.log_url)
    clinic = Clinic(ground, nursery, ground.log_url, tmp_path, SEED)
    clinic.start("teller", part=relay)
    clinic.start("writer", threads=6, most=350)

    clinic.wait("writer", 60)
    findings = judge(clinic.finish(5))

    if relay == "relay":
        assert findings.nothing, findings
    else:
        assert findings.unpublished, "events that committed late under a lower id must have been lost"


def test_a_relay_that_slept_longer_than_its_session_lived_does_no_harm(
    ground: Ground, nursery: Nursery, tmp_path: Path
) -> None:
    ground.make_topics(ground.log_url)
    clinic = Clinic(ground, nursery, ground.log_url, tmp_path, SEED)
    for name in ("teller", "listener"):
        clinic.start(name)
    clinic.start("writer", threads=2, rest=0.004)
    assert until(lambda: clinic.progress("listener") > 100, 20), nursery.said()

    sleeper = clinic.child("teller")
    os.kill(sleeper.pid, signal.SIGSTOP)
    clinic.end_relay_sessions()
    slept_at = clinic.progress("teller")
    clinic.start("teller")
    assert until(lambda: clinic.progress("teller") > slept_at + 200, 20), nursery.said()
    os.kill(sleeper.pid, signal.SIGCONT)
    awake_at = clinic.progress("teller")
    assert until(lambda: clinic.progress("teller") > awake_at + 200, 20), nursery.said()
    findings = judge(clinic.finish(30))

    assert findings.nothing, (findings, nursery.said())
    assert sleeper.alive(), "it stands by now"


def _kill_everyone(ground: Ground, nursery: Nursery, log_url: str, folder: Path, *, pause: float) -> None:
    ground.make_topics(log_url)
    clinic = Clinic(ground, nursery, log_url, folder, SEED)
    for name in ("teller", "listener"):
        clinic.start(name)
    clinic.start("writer", threads=2, rest=0.006)

    clinic.kill_rounds(ROUNDS, ("writer", "teller", "listener"), pause=pause, threads=2, rest=0.006)
    happened = clinic.finish(60)

    findings = judge(happened)
    assert findings.nothing, (findings, nursery.said())
    assert sum(happened.committed.values()) > 1000
    assert min(clinic.kills.values()) >= 8, clinic.kills
