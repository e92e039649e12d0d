"""Real parts for all tests: one PostgreSQL server a test process, made in under a second."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded.postgres import EmbeddedPostgres, new_password

# Short, so that the server's socket path stays below the system's limit.
FAST_NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """A PostgreSQL server of this test process; durability is off, fault tests start their own."""
    with tempfile.TemporaryDirectory(prefix="rapport-test-") as folder:
        Path(folder).chmod(0o755)  # as root the server runs as another user
        server = EmbeddedPostgres(Path(folder) / "pg", new_password(), settings=FAST_NOT_DURABLE)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def in_ci() -> bool:
    """With CI=true nothing is skipped: what cannot run fails and says why."""
    return os.environ.get("CI", "").lower() == "true"
