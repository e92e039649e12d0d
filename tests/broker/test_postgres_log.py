"""The contract, kept by the log in PostgreSQL."""

import pytest

from embedded.postgres import EmbeddedPostgres
from tests.broker.contract import LogContract
from tests.broker.postgres import contract_url


class TestPostgresLog(LogContract):
    handover_seconds = 3.0
    offsets_have_no_gaps = True

    @pytest.fixture
    def url(self, postgres: EmbeddedPostgres) -> str:
        return contract_url(postgres)
