"""The log goes away for a while: writes go on, and afterwards everything arrives without a hand."""

import os
import time
from pathlib import Path

import pytest

from deploy.kafka.broker import temporary_broker
from deploy.kafka.jars import BrokerFailed
from tests.broker.fixture import refuse_or_skip
from tests.faults.ground import Clinic, Ground, until
from tests.faults.history import judge
from tests.faults.nursery import Nursery
from tests.faults.proxy import Wire

pytestmark = pytest.mark.faults

AWAY_SECONDS = float(os.environ.get("RAPPORT_FAULT_SECONDS", "5"))
SEED = 20260309


def test_the_log_in_postgresql_may_be_cut_off(ground: Ground, nursery: Nursery, tmp_path: Path) -> None:
    ground.make_topics(ground.log_url)
    wire = Wire(ground.log_url)
    clinic = _at_work(ground, nursery, wire.conninfo, tmp_path)

    wire.cut()
    _writes_go_on(clinic)
    wire.mend()

    _everything_arrives(clinic, nursery)
    wire.cut()


@pytest.mark.kafka
def test_the_broker_may_be_killed_and_started_again(
    ground: Ground, nursery: Nursery, tmp_path: Path, in_ci: bool
) -> None:
    try:
        with temporary_broker() as broker:
            ground.make_topics(broker.url)
            clinic = _at_work(ground, nursery, broker.url, tmp_path)

            broker.kill()
            _writes_go_on(clinic)
            broker.start()

            _everything_arrives(clinic, nursery)
    except BrokerFailed as problem:
        refuse_or_skip(str(problem), in_ci=in_ci)


def _at_work(ground: Ground, nursery: Nursery, log_url: str, folder: Path) -> Clinic:
    clinic = Clinic(ground, nursery, log_url, folder, SEED)
    for name in ("teller", "listener"):
        clinic.start(name)
    clinic.start("writer", threads=2, rest=0.01)
    assert until(lambda: clinic.progress("listener") > 100, 30), nursery.said()
    return clinic


def _writes_go_on(clinic: Clinic) -> None:
    time.sleep(0.5)
    before, relayed = clinic.progress("writer"), clinic.progress("teller")
    time.sleep(AWAY_SECONDS)
    assert clinic.progress("writer") > before + 1000
    assert clinic.progress("teller") == relayed, "the log is away, and yet something was relayed"


def _everything_arrives(clinic: Clinic, nursery: Nursery) -> None:
    happened = clinic.finish(60)
    findings = judge(happened)
    assert findings.nothing, (findings, nursery.said())
