"""A real intake: its own database, emptied for each test, with keys that are the same in every run."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from embedded.postgres import EmbeddedPostgres
from services.intake.allocation import commands as care
from services.intake.app import SERVICE
from shared.database import Database, Tx
from shared.database.provision import ServiceUrls
from shared.scope import Scope, system_scope
from shared.security.sealing import Vault
from shared.security.tokens import Signer, Verifier, key_from_seed
from shared.web.app import ApiDependencies, create_api
from tests.databases import empty, provision_service
from tests.intake.desk import Caller

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ANA = UUID("0192f1c0-0000-7000-8000-0000000000a1")
BEN = UUID("0192f1c0-0000-7000-8000-0000000000b1")
CHRIS = UUID("0192f1c0-0000-7000-8000-0000000000c1")
DANA = UUID("0192f1c0-0000-7000-8000-0000000000d1")


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, time: timedelta) -> datetime:
        self.now += time
        return self.now


@pytest.fixture(scope="session")
def urls(postgres: EmbeddedPostgres) -> ServiceUrls:
    return provision_service(postgres.url(), "intake")


@pytest.fixture(scope="session")
def pool(urls: ServiceUrls) -> Iterator[Database]:
    vault = Vault(bytes(range(32)), service="intake")
    database = Database(urls.app, name="intake-test", size=12, vault=vault).open()
    yield database
    database.close()


@pytest.fixture
def database(pool: Database, urls: ServiceUrls) -> Database:
    empty(urls.owner)
    return pool


@pytest.fixture
def tx(database: Database) -> Iterator[Tx]:
    with database.transaction() as opened:
        yield opened


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def dana() -> Scope:
    """Front desk."""
    return Scope(DANA, frozenset({"front_desk"}), "care", "portal")


@pytest.fixture
def ana() -> Scope:
    """A therapist."""
    return Scope(ANA, frozenset({"therapist"}), "care", "portal")


@pytest.fixture
def ben() -> Scope:
    """Another therapist."""
    return Scope(BEN, frozenset({"therapist"}), "care", "portal")


@pytest.fixture
def system() -> Scope:
    return system_scope("hearing")


@pytest.fixture
def practitioners(database: Database) -> None:
    """Scheduling has told of Ana and Ben."""
    with database.transaction() as tx:
        care.add_practitioner(tx, ANA, added_at=NOW)
        care.add_practitioner(tx, BEN, added_at=NOW)


@pytest.fixture
def http(database: Database, clock: Clock) -> FlaskClient:
    key = key_from_seed(bytes(32))
    verifier = Verifier({"portal": key}, "intake", SERVICE.trusts)
    app = create_api(SERVICE, ApiDependencies(database=database, verifier=verifier, clock=clock))
    return app.test_client()


@pytest.fixture
def call(http: FlaskClient, clock: Clock) -> Callable[..., Caller]:
    """call("front_desk") speaks to the API in that role."""
    signer = Signer(key_from_seed(bytes(32)), "portal")

    def caller(*roles: str, actor: UUID = DANA) -> Caller:
        def token() -> str:
            return signer.token(audience="intake", actor=actor, roles=roles, purpose="care", now=clock())

        return Caller(http, token)

    return caller
