from collections.abc import Iterator

import pytest

from embedded.postgres import EmbeddedPostgres
from shared.database import Database
from shared.database.provision import ServiceUrls
from shared.security.sealing import Vault
from tests.databases import empty, provision_service
from tests.scheduling.desk import Desk
from tests.scheduling.practice import Practice


@pytest.fixture(scope="session")
def scheduling_urls(postgres: EmbeddedPostgres) -> ServiceUrls:
    return provision_service(postgres.url(), "scheduling")


@pytest.fixture
def practice(scheduling_urls: ServiceUrls) -> Iterator[Practice]:
    empty(scheduling_urls.owner)
    vault = Vault(b"s" * 32, service="scheduling")
    database = Database(scheduling_urls.app, name="scheduling test", size=12, vault=vault).open()
    try:
        yield Practice(database, scheduling_urls.owner).open()
    finally:
        database.close()


@pytest.fixture
def desk(practice: Practice) -> Desk:
    return Desk(practice)
