"""The contract, kept by a real Kafka broker."""

import pytest

from tests.broker.contract import LogContract


@pytest.mark.kafka
class TestKafkaLog(LogContract):
    handover_seconds = 20.0  # Kafka's rebalances take seconds: declared, not hoped away
    offsets_have_no_gaps = False

    @pytest.fixture
    def url(self, kafka_url: str) -> str:
        return kafka_url
