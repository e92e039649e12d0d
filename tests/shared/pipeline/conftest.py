from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from embedded.postgres import EmbeddedPostgres
from shared.database import Database
from shared.database.provision import ServiceUrls, provision
from shared.eventlog.postgres import PostgresLog
from shared.eventlog.postgres.provision import LogUser, migrate_log
from tests.databases import empty, test_password
from tests.shared.pipeline.house import TOPIC, House


@dataclass(frozen=True)
class Ground:
    counting: ServiceUrls
    mirror: ServiceUrls
    log_owner: str


@pytest.fixture(scope="session")
def ground(postgres: EmbeddedPostgres) -> Ground:
    admin = postgres.url()
    counting = provision(admin, "counting", "tests.faults.counting.migrations", test_password)
    mirror = provision(admin, "mirror", "tests.faults.mirror.migrations", test_password)
    owner = migrate_log(
        admin, [LogUser(role, topics="%", groups="%") for role in ("relay_counting", "relay_mirror")], test_password
    )
    return Ground(counting, mirror, owner)


@pytest.fixture
def house(ground: Ground) -> Iterator[House]:
    for url in (ground.counting.owner, ground.mirror.owner, ground.log_owner):
        empty(url)
    counting = Database(ground.counting.app, name="counting").open()
    mirror = Database(ground.mirror.app, name="mirror").open()
    log = PostgresLog(ground.mirror.log)
    log.create_topic(TOPIC)
    house = House(ground.counting, ground.mirror, counting, mirror, log)
    yield house
    house.close()
    log.close()
    counting.close()
    mirror.close()
