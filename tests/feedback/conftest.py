"""A real feedback service: its own database, emptied for each test, with keys that are the same in every run."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from embedded.postgres import EmbeddedPostgres
from services.feedback.app import SERVICE
from services.feedback.risk.commands import enter_crisis_information
from services.feedback.risk.domain.crisis import FICTIONAL
from shared.database import Database, Tx
from shared.database.provision import ServiceUrls
from shared.scope import Scope, system_scope
from shared.security.sealing import Vault
from shared.security.tokens import Signer, Verifier, key_from_seed
from shared.web.app import ApiDependencies, create_api
from tests.cast import ANA, BEN, DANA, LEAD
from tests.databases import empty, provision_service
from tests.feedback.practice import Caller, Practice

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> datetime:
        self.now += timedelta(**by)
        return self.now


@pytest.fixture(scope="session")
def urls(postgres: EmbeddedPostgres) -> ServiceUrls:
    return provision_service(postgres.url(), "feedback")


@pytest.fixture(scope="session")
def pool(urls: ServiceUrls) -> Iterator[Database]:
    vault = Vault(bytes(range(32)), service="feedback")
    database = Database(urls.app, name="feedback-test", size=12, vault=vault).open()
    yield database
    database.close()


@pytest.fixture
def database(pool: Database, urls: ServiceUrls) -> Database:
    empty(urls.owner)
    return pool.for_the_program()


@pytest.fixture
def tx(database: Database) -> Iterator[Tx]:
    with database.transaction() as opened:
        yield opened


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def practice(database: Database, clock: Clock) -> Practice:
    """The service with crisis information entered; clients and hours are told of as events."""
    with database.transaction() as tx:
        enter_crisis_information(
            tx,
            FICTIONAL,
            checked_on=date(2026, 1, 5),
            review_on=date(2026, 7, 1),
            scope=system_scope("test"),
            now=clock(),
        )
    return Practice(database, clock)


@pytest.fixture
def ana() -> Scope:
    """A therapist."""
    return Scope(ANA.id, frozenset({"therapist"}), "care", "portal")


@pytest.fixture
def ben() -> Scope:
    """Another therapist."""
    return Scope(BEN.id, frozenset({"therapist"}), "care", "portal")


@pytest.fixture
def dana() -> Scope:
    """Front desk."""
    return Scope(DANA.id, frozenset({"front_desk"}), "care", "portal")


@pytest.fixture
def lead() -> Scope:
    """Clinical lead."""
    return Scope(LEAD.id, frozenset({"clinical_lead"}), "care", "portal")


@pytest.fixture
def app() -> Scope:
    """The check-in app."""
    return Scope(None, frozenset({"checkin"}), "check-in", "checkin")


@pytest.fixture
def http(pool: Database, database: Database, clock: Clock) -> FlaskClient:
    keys = {"portal": key_from_seed(bytes(32)), "checkin": key_from_seed(bytes([1] * 32))}
    verifier = Verifier(keys, "feedback", SERVICE.trusts)
    return create_api(SERVICE, ApiDependencies(database=pool, verifier=verifier, clock=clock)).test_client()


@pytest.fixture
def call(http: FlaskClient, clock: Clock) -> Callable[..., Caller]:
    """call("therapist", actor=ANA.id) speaks to the API in that role; call("checkin") as the check-in app."""
    signers = {
        "portal": Signer(key_from_seed(bytes(32)), "portal"),
        "checkin": Signer(key_from_seed(bytes([1] * 32)), "checkin"),
    }

    def caller(*roles: str, actor: UUID | None = ANA.id, purpose: str = "care") -> Caller:
        issuer = "checkin" if roles == ("checkin",) else "portal"

        def token() -> str:
            return signers[issuer].token(
                audience="feedback",
                actor=None if issuer == "checkin" else actor,
                roles=roles,
                purpose=purpose,
                now=clock(),
            )

        return Caller(http, token)

    return caller
