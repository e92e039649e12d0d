"""A database with nothing in it but the plumbing."""

from collections.abc import Iterator

import psycopg
import pytest

from embedded.postgres import EmbeddedPostgres
from shared.database import Database
from shared.database.migrations import PLUMBING, migrate
from shared.database.roles import with_database
from shared.security.sealing import Vault
from tests.databases import empty


@pytest.fixture(scope="session")
def safe_url(postgres: EmbeddedPostgres) -> str:
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE safe TEMPLATE template0 ENCODING 'UTF8'")
    url = with_database(postgres.url(), "safe")
    migrate(url, [PLUMBING])
    return url


@pytest.fixture
def vault() -> Vault:
    return Vault(b"m" * 32, service="safe")


@pytest.fixture
def database(safe_url: str, vault: Vault) -> Iterator[Database]:
    empty(safe_url)
    pool = Database(safe_url, name="safe", vault=vault, size=6).open()
    yield pool
    pool.close()
