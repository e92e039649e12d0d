"""What an operator can do about parked events, by hand and on the command line."""

import base64
import json
from datetime import datetime
from pathlib import Path

import psycopg
import pytest
from click.testing import CliRunner, Result

from shared.cli import main
from shared.database import Tx
from shared.envelope import Message
from shared.eventlog.interface import NewRecord
from shared.metrics_pipeline import PipelineMetrics
from shared.parking import operator
from shared.parking.operator import NotItsTurn, NotParked, ReasonMissing, WaitsForOthers
from shared.scope import system_scope
from shared.security.audit import record
from shared.security.audit.checkpoints import Checkpoints
from shared.security.audit.sealer import Sealer
from shared.worker import ServiceWorker
from tests.faults.counting import COUNT_RAISED
from tests.faults.mirror import count_raised
from tests.shared.pipeline.house import MARA, NOOR, TOPIC, House


class Wrong(Exception):
    pass


@pytest.fixture
def stuck(house: House) -> ServiceWorker:
    """Mara's second event fails whenever it is tried; her third queues behind it."""

    def hears(tx: Tx, message: Message, *, now: datetime) -> None:
        if message.data == {"client_id": str(MARA), "count": 2}:
            raise Wrong
        count_raised(tx, message, now=now)

    teller, listener = house.teller(), house.listener({COUNT_RAISED: hears})
    house.count(MARA, MARA, MARA, NOOR)
    house.settle(teller, listener)
    return listener


def test_a_skipped_event_leaves_its_reason_and_lets_the_key_go_on(house: House, stuck: ServiceWorker) -> None:
    with house.mirror.transaction() as tx:
        [event] = operator.list_parked(tx)
        operator.skip(tx, event.id, by="dana", reason="Counted by hand.", now=house.clock())

    house.settle(stuck)
    house.count(MARA)
    house.settle(house.teller(), stuck)

    assert house.heard(MARA) == [1, 3, 4]
    with house.mirror.transaction() as tx:
        kept = operator.show_parked(tx, event.id)
        assert operator.list_parked(tx) == []
    assert (kept.state, kept.resolved_by, kept.reason) == ("skipped", "dana", "Counted by hand.")


def test_after_what_would_close_a_gap_was_skipped_the_key_goes_on(house: House) -> None:
    def hears(tx: Tx, message: Message, *, now: datetime) -> None:
        if message.data["count"] == 2:
            raise Wrong
        count_raised(tx, message, now=now)

    teller, listener = house.teller(), house.listener({COUNT_RAISED: hears})
    first, second, third = house.count(MARA, MARA, MARA)
    for event in (first, third, second):
        house.say(event)
        house.settle(listener)
    with house.mirror.transaction() as tx:
        [_, failed] = operator.list_parked(tx)
        operator.skip(tx, failed.id, by="dana", reason="Counted by hand.", now=house.clock())

    house.settle(teller, listener)

    assert house.heard() == [1, 3]


def test_an_event_that_queues_behind_another_cannot_overtake_it(house: House, stuck: ServiceWorker) -> None:
    with house.mirror.transaction() as tx:
        head, behind = operator.list_parked(tx, queued=True)
        assert head.behind == 1
        with pytest.raises(NotItsTurn):
            operator.skip(tx, behind.id, by="dana", reason="No.", now=house.clock())
        with pytest.raises(NotItsTurn):
            operator.retry(tx, behind.id, by="dana", now=house.clock())


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501])
def test_nothing_is_skipped_without_a_reason(house: House, stuck: ServiceWorker, reason: str) -> None:
    with house.mirror.transaction() as tx, pytest.raises(ReasonMissing):
        operator.skip(tx, operator.list_parked(tx)[0].id, by="dana", reason=reason, now=house.clock())


def test_what_is_resolved_cannot_be_resolved_again(house: House, stuck: ServiceWorker) -> None:
    with house.mirror.transaction() as tx:
        [event] = operator.list_parked(tx)
        operator.skip(tx, event.id, by="dana", reason="Counted by hand.", now=house.clock())
        with pytest.raises(NotParked):
            operator.retry(tx, event.id, by="dana", now=house.clock())
        with pytest.raises(NotParked):
            operator.retry(tx, 999_999, by="dana", now=house.clock())


def test_an_event_that_waits_for_earlier_ones_is_not_skipped_over_them(house: House) -> None:
    listener = house.listener()
    house.count(MARA, MARA, MARA)
    _lose_first_of(house, 2)
    house.settle(house.teller(), listener)

    with house.mirror.transaction() as tx, pytest.raises(WaitsForOthers, match="would be lost"):
        operator.skip(tx, operator.list_parked(tx)[0].id, by="dana", reason="In the way.", now=house.clock())


def test_retrying_past_a_gap_declares_that_nothing_more_will_come(house: House) -> None:
    listener = house.listener()
    house.count(MARA, MARA, MARA)
    _lose_first_of(house, 2)
    house.settle(house.teller(), listener)
    assert house.heard() == []

    with house.mirror.transaction() as tx:
        [event] = operator.list_parked(tx)
        operator.retry(tx, event.id, by="dana", now=house.clock())
    house.settle(listener)

    assert house.heard() == [3]


def test_an_unreadable_event_without_key_can_be_tried_again_and_skipped(house: House) -> None:
    listener = house.listener()
    house.append(NewRecord(None, b"?", ()))
    house.settle(listener)

    with house.mirror.transaction() as tx:
        [event] = operator.list_parked(tx)
        operator.retry(tx, event.id, by="dana", now=house.clock())
    house.settle(listener)
    assert house.parked() == [("waiting", "Undecodable")]
    with house.mirror.transaction() as tx:
        operator.skip(tx, event.id, by="dana", reason="Noise.", now=house.clock())

    assert house.parked() == [("skipped", "Undecodable")]


def test_the_command_line_lists_shows_retries_and_skips(house: House, stuck: ServiceWorker) -> None:
    [line] = _rapport(house, "events", "parked", "list", "--json").output.splitlines()
    number = str(json.loads(line)["id"])

    assert "Wrong" in _rapport(house, "events", "parked", "list").output
    assert "rapport.counting" in _rapport(house, "events", "parked", "show", number).output
    assert "in a moment" in _rapport(house, "events", "parked", "retry", number).output
    assert _rapport(house, "events", "parked", "skip", number, ok=False).exit_code == 2
    assert "skipped" in _rapport(house, "events", "parked", "skip", number, "--reason", "By hand.").output
    again = _rapport(house, "events", "parked", "skip", number, "--reason", "By hand.", ok=False)
    assert (again.exit_code, "resolved already" in again.output) == (1, True)
    assert "Nothing is parked." in _rapport(house, "events", "parked", "list").output


def test_the_command_line_shows_topics_events_and_lag(house: House) -> None:
    house.count(MARA, NOOR)
    listener = house.listener()
    house.settle(house.teller(), listener)
    house.count(MARA)
    house.settle(house.teller())
    listener.close()

    [topic] = [json.loads(line) for line in _rapport(house, "events", "topics", "--json").output.splitlines()]
    told = [json.loads(line) for line in _rapport(house, "events", "tail", "--json").output.splitlines()]
    [lag] = [json.loads(line) for line in _rapport(house, "events", "lag", "--json").output.splitlines()]

    assert topic == {"topic": TOPIC, "partitions": 6, "records": 3}
    assert sorted((event["subject"], event["sequence"]) for event in told) == sorted(
        [(f"counter/{MARA}", 1), (f"counter/{MARA}", 2), (f"counter/{NOOR}", 1)]
    )
    assert lag["unread"] == 1
    assert "count.raised" in _rapport(house, "events", "tail").output
    assert TOPIC in _rapport(house, "events", "topics").output


def test_a_stopped_group_reads_a_topic_again_and_the_inbox_keeps_effects_single(house: House) -> None:
    house.count(MARA, MARA)
    listener = house.listener()
    house.settle(house.teller(), listener)
    replay = ("events", "replay", "--group", "rapport.mirror", "--topic", TOPIC, "--from-start", "--yes")
    refused = _rapport(house, *replay, ok=False)
    listener.close()

    done = _rapport(house, *replay)
    house.settle(house.listener())

    assert refused.exit_code == 69  # while the group lives
    assert "2 events back" in done.output
    assert house.heard() == [1, 2]


def test_the_command_line_says_in_one_line_when_the_database_is_away(house: House) -> None:
    away = CliRunner().invoke(main, ["events", "parked", "list", "--database", "postgresql://nobody@127.0.0.1:1/none"])

    assert away.exit_code == 69
    assert away.output.strip() == "Error: the database does not answer"


def test_the_audit_trail_is_verified_from_the_command_line(house: House, tmp_path: Path) -> None:
    kept = Checkpoints(tmp_path, "mirror", b"k" * 32)
    with house.mirror.transaction() as tx:
        record(tx, system_scope("test"), "client.read", about=[MARA], now=house.clock())
    with_checkpoints = ("audit", "verify", "--checkpoints", str(tmp_path))

    assert "whole: 0 entries, 1 more wait" in _rapport(house, "audit", "verify").output
    assert "whole: 0 entries" in _rapport(house, *with_checkpoints, ok=False).output
    sealer = Sealer("mirror", house.mirror_urls.sealer, kept, PipelineMetrics(), house.clock)
    assert sealer.seal_once() == 1
    sealer.close()
    said = _rapport(house, *with_checkpoints).output
    assert "whole: 1 entries" in said
    assert "1 checkpoints agree" in said
    kept.write(2, b"x" * 32, house.clock())
    cut = _rapport(house, *with_checkpoints, ok=False)
    assert (cut.exit_code, "its end was cut off" in cut.output) == (1, True)


def test_in_a_container_the_command_line_reads_the_services_own_secret(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sealer_url").write_text(house.mirror_urls.sealer + "\n")
    (tmp_path / "relay_url").write_text(house.mirror_urls.relay + "\n")
    monkeypatch.setenv("RAPPORT_SEALER_URL_FILE", str(tmp_path / "sealer_url"))
    monkeypatch.setenv("RAPPORT_RELAY_URL_FILE", str(tmp_path / "relay_url"))

    assert (
        "mirror: the trail is whole: 0 entries. No checkpoints" in CliRunner().invoke(main, ["audit", "verify"]).output
    )
    assert TOPIC in CliRunner().invoke(main, ["events", "topics"]).output


def _rapport(house: House, *arguments: str, ok: bool = True) -> Result:
    env = {
        "RAPPORT_APP_URL": house.mirror_urls.app,
        "RAPPORT_SEALER_URL": house.mirror_urls.sealer,
        "RAPPORT_CHECKPOINT_KEY": base64.b64encode(b"k" * 32).decode(),
        "RAPPORT_LOG": house.mirror_urls.log,
        "RAPPORT_OPERATOR": "dana",
    }
    result = CliRunner().invoke(main, list(arguments), env=env)
    assert not ok or result.exit_code == 0, result.output
    return result


def _lose_first_of(house: House, count: int) -> None:
    with psycopg.connect(house.counting_urls.owner) as connection:
        connection.execute("DELETE FROM outbox WHERE aggregate_version <= %s", (count,))
