import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from embedded.postgres import EmbeddedPostgres, new_password
from tests.faults.ground import Ground, prepare
from tests.faults.nursery import Nursery


@pytest.fixture(scope="session")
def durable() -> Iterator[EmbeddedPostgres]:
    """A server as a clinic has it: what it says is committed is on the disk."""
    with tempfile.TemporaryDirectory(prefix="rapport-fault-") as folder:
        Path(folder).chmod(0o755)
        server = EmbeddedPostgres(Path(folder) / "pg", new_password(), settings={"max_connections": "100"})
        server.start()
        try:
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def fresh_ground(durable: EmbeddedPostgres) -> Ground:
    return prepare(durable.url())


@pytest.fixture
def ground(fresh_ground: Ground) -> Ground:
    fresh_ground.clear()
    return fresh_ground


@pytest.fixture
def nursery(tmp_path: Path) -> Iterator[Nursery]:
    with Nursery(tmp_path / "children.log") as nursery:
        yield nursery
