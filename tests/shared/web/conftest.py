"""A shelf of jars with a real database, and ways to ask it things."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from embedded.postgres import EmbeddedPostgres
from shared.database import Database
from shared.database.migrations import PLUMBING, migrate
from shared.database.roles import with_database
from shared.metrics import Metrics
from shared.security.sealing import Vault
from shared.security.tokens import Signer, Verifier, key_from_seed
from shared.web.app import ApiDependencies, create_api
from tests.databases import empty
from tests.shared.web.shelf import SHELF, Gate

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
COOK = UUID("00000000-0000-7000-8000-00000000c00c")
KITCHEN, DOOR = key_from_seed(b"k" * 32), key_from_seed(b"d" * 32)


@dataclass
class Shelf:
    app: Flask
    database: Database
    metrics: Metrics
    gate: Gate
    signer: Signer = field(default_factory=lambda: Signer(KITCHEN, "kitchen"))

    @property
    def http(self) -> FlaskClient:
        return self.app.test_client()

    def bearer(self, *roles: str, **changes: Any) -> dict[str, str]:
        asked: dict[str, Any] = {
            "audience": "shelf",
            "actor": COOK,
            "roles": roles or ("cook",),
            "purpose": "cooking",
            "now": NOW,
        }
        return {"Authorization": f"Bearer {self.signer.token(**(asked | changes))}"}

    def ask(self, method: str, path: str, *, headers: dict[str, str] | None = None, **how: Any) -> TestResponse:
        given = self.bearer() | ({"Idempotency-Key": str(uuid4())} if method == "POST" else {}) | (headers or {})
        return self.http.open(path, method=method, headers=given, **how)

    def fill(self, label: str = "plums", grams: int = 300, **how: Any) -> TestResponse:
        return self.ask("POST", "/v1/jars", json={"label": label, "grams": grams}, **how)

    def labels(self) -> list[str]:
        with self.database.transaction() as tx:
            return [row["label"] for row in tx.rows("SELECT label FROM jar ORDER BY label")]


@pytest.fixture(scope="session")
def shelf_url(postgres: EmbeddedPostgres) -> str:
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute("CREATE DATABASE shelf TEMPLATE template0 ENCODING 'UTF8'")
    url = with_database(postgres.url(), "shelf")
    migrate(url, [PLUMBING, "tests.shared.web.shelf.migrations"])
    return url


@pytest.fixture
def shelf(shelf_url: str) -> Iterator[Shelf]:
    empty(shelf_url)
    vault = Vault(b"m" * 32, service="shelf")
    database = Database(shelf_url, name="shelf", vault=vault, size=4, statement_ms=1000).open()
    gate, metrics = Gate(), Metrics()
    verifier = Verifier(
        {"kitchen": KITCHEN, "door": DOOR},
        "shelf",
        {"kitchen": frozenset({"cook", "guest"}), "door": frozenset({"guest"})},
    )
    parts = ApiDependencies(database, verifier, clock=lambda: NOW, metrics=metrics)
    app = create_api(SHELF, parts)
    app.extensions["gate"] = gate
    try:
        yield Shelf(app, database, metrics, gate)
    finally:
        database.close()
