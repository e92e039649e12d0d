"""A real portal: alone with services that are away, or in front of the three real services."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from flask import Flask

from embedded.postgres import EmbeddedPostgres
from portal.app import create_portal
from portal.clients.lines import Patience, ServiceAddress
from portal.dependencies import PortalDependencies
from shared.database import Database
from shared.database.provision import ServiceUrls, provision
from shared.security.sealing import Vault
from shared.security.tokens import Signer, key_from_seed
from tests.cast import give_accounts
from tests.clinic import PATIENT
from tests.databases import empty, test_password
from tests.portal.browser import Browser, SetClock

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def nobody_answers(request: httpx.Request) -> httpx.Response:
    """A service that is down."""
    raise httpx.ConnectError("connection refused", request=request)


@pytest.fixture(scope="session")
def portal_urls(postgres: EmbeddedPostgres) -> ServiceUrls:
    return provision(postgres.url(), "portal", "portal.migrations", test_password)


@pytest.fixture(scope="session")
def portal_pool(portal_urls: ServiceUrls) -> Iterator[Database]:
    vault = Vault(bytes(range(32)), service="portal")
    database = Database(portal_urls.app, name="portal-test", size=12, vault=vault).open()
    yield database
    database.close()


@pytest.fixture
def portal_database(portal_pool: Database, portal_urls: ServiceUrls) -> Database:
    """The portal's database without anybody in it."""
    empty(portal_urls.owner)
    return portal_pool


@pytest.fixture
def staffed(portal_database: Database) -> Database:
    """The portal's database with an account for everybody of the cast."""
    with portal_database.transaction() as tx:
        give_accounts(tx, NOON)
    return portal_database


@pytest.fixture
def clock() -> SetClock:
    return SetClock(NOON)


def portal_over(
    database: Database,
    clock: Callable[[], datetime],
    services: Mapping[str, Any] | None = None,
    signer: Signer | None = None,
    reached: Mapping[str, ServiceAddress] | None = None,
    patience: Patience = PATIENT,
    second_step_required: bool = False,
) -> Flask:
    """A portal on this database; services that are not given are away."""
    given = services or {}
    away = httpx.MockTransport(nobody_answers)
    return create_portal(
        PortalDependencies(
            database=database,
            signer=signer or Signer(key_from_seed(bytes(32)), "portal"),
            services=reached
            or {
                name: ServiceAddress("http://inside", given.get(name, away))
                for name in ("intake", "scheduling", "feedback")
            },
            checkin_base_url="http://localhost/check-in",
            clinic_name="Test clinic",
            secure_cookies=False,
            clock=clock,
            patience=patience,
            second_step_required=second_step_required,
        )
    )


@pytest.fixture
def lonely(staffed: Database, clock: SetClock) -> Flask:
    """A portal whose services are all away."""
    return portal_over(staffed, clock)


@pytest.fixture
def visitor(lonely: Flask) -> Browser:
    """Somebody who has not signed in."""
    return Browser(lonely)
