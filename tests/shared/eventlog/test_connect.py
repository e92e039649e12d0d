import subprocess
import sys

import pytest

from shared.eventlog.connect import open_log
from shared.eventlog.kafka import KafkaLog
from shared.eventlog.kafka.settings import cluster_from_url, consumer_settings, producer_settings
from shared.eventlog.postgres import PostgresLog


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("postgresql://relay:secret@localhost/rapport_log", PostgresLog),
        ("host=/run/postgresql dbname=rapport_log user=relay", PostgresLog),
        ("kafka://one:9092,two:9093", KafkaLog),
        ("kafkas://relay:secret@one:9092", KafkaLog),
    ],
)
def test_the_url_says_which_log_and_nothing_is_connected_yet(url: str, kind: type) -> None:
    log = open_log(url)

    assert isinstance(log, kind)
    log.close()


@pytest.mark.parametrize("url", ["kafka://", "kafka://one", "kafka://u:secret@one:9092", "kafkas://u:secret@one"])
def test_a_kafka_url_that_cannot_be_read_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ValueError, match="kafka") as refused:
        open_log(url)

    assert "secret" not in str(refused.value)


def test_tls_and_scram_come_from_the_url() -> None:
    cluster = cluster_from_url("kafkas://relay%40x:p%2Fw@one:9092,two:9093?ca=/etc/ca.pem", name="relay")

    assert cluster.servers == ("one:9092", "two:9093")
    assert cluster.security == {
        "security_protocol": "SASL_SSL",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "relay@x",
        "sasl_plain_password": "p/w",
        "ssl_cafile": "/etc/ca.pem",
    }
    assert "p/w" not in repr(cluster)


def test_no_setting_that_loses_events_is_left_at_its_default() -> None:
    cluster = cluster_from_url("kafka://one:9092", name="relay")

    producer = producer_settings(cluster)
    consumer = consumer_settings(cluster, "readers", bootstrap_seconds=1)

    assert producer["enable_idempotence"] is True
    assert producer["acks"] == "all"
    assert producer["delivery_timeout_ms"] < 30_000
    assert consumer["enable_auto_commit"] is False
    assert consumer["auto_offset_reset"] == "none"
    assert not producer["allow_auto_create_topics"]
    assert not consumer["allow_auto_create_topics"]


def test_embedded_mode_never_imports_kafka() -> None:
    code = "import sys, shared.eventlog.connect as c; c.open_log('dbname=x').close(); print('kafka' in sys.modules)"

    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert answer.stdout == "False\n"
