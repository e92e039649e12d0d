"""`rapport events`: what is on the log, who has read how far, what is parked."""

import json
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import click
import psycopg

from shared.cli.connections import (
    Unavailable,
    databases_option,
    example,
    json_option,
    log_option,
    moment,
    opened_log,
    show,
)
from shared.cli.parked import parked
from shared.envelope import Undecodable, from_record
from shared.eventlog import moving
from shared.eventlog.interface import EventLog, Record, Subscription

_QUIET_SECONDS = 1.0


@click.group(epilog=example("rapport events tail"))
def events() -> None:
    """Events: what is on the log, who has read how far, what is parked."""


events.add_command(parked)


@events.command(epilog=example("rapport events topics"))
@log_option
@json_option
def topics(log_url: str, *, as_json: bool) -> None:
    """List the topics and how much they hold."""
    with opened_log(log_url) as log:
        rows = [
            {
                "topic": topic,
                "partitions": partitions,
                "records": sum(log.end_offsets(topic).values()) - sum(log.start_offsets(topic).values()),
            }
            for topic, partitions in sorted(log.topics().items())
        ]
    show(rows, ("topic", "partitions", "records"), as_json=as_json, empty="The log has no topics: run migrate.")


@events.command(
    epilog=example(
        "rapport events tail --type reading.updated.v1 --since 2026-03-02T09:00Z",
        "rapport events tail --follow --json",
    )
)
@click.option("--topic", "wanted", multiple=True, help="Only these topics; default: all of Rapport's.")
@click.option("--type", "kind", default="", help="Only types that contain this text, such as opened.v1.")
@click.option("--since", help="From this time on, such as 2026-03-02T09:00+00:00.")
@click.option("-n", "last", default=20, show_default=True, help="How many of each partition's newest, without --since.")
@click.option("-f", "--follow", is_flag=True, help="Go on as new events come, until interrupted.")
@log_option
@json_option
def tail(
    log_url: str, wanted: Sequence[str], kind: str, since: str | None, last: int, *, follow: bool, as_json: bool
) -> None:
    """Show events as they lie on the log. Joins no group and moves nobody's place."""
    with opened_log(log_url) as log:
        chosen = list(wanted) or [topic for topic in sorted(log.topics()) if topic.startswith("rapport.")]
        reader = log.reader(chosen)
        try:
            _place(log, reader, chosen, moment(since) if since else None, last)
            if not _print_from(reader, kind, follow=follow, as_json=as_json):
                click.echo("No such event; `rapport events topics` shows what there is.", err=True)
        except KeyboardInterrupt:
            click.echo()
        finally:
            reader.close()


@events.command(epilog=example("rapport events lag --group rapport.feedback"))
@log_option
@json_option
@click.option("--group", "wanted", help="Only this group.")
def lag(log_url: str, wanted: str | None, *, as_json: bool) -> None:
    """Show how far each consumer group has read, and what is left."""
    rows = []
    with opened_log(log_url) as log:
        all_topics = sorted(log.topics())
        for group in [wanted] if wanted else log.groups():
            for topic in all_topics:
                places = log.offsets(group, topic)
                if places:
                    ends = log.end_offsets(topic)
                    left = sum(max(0, ends[p] - at) for p, at in places.items())
                    rows.append({"group": group, "topic": topic, "partitions": len(places), "unread": left})
    show(rows, ("group", "topic", "partitions", "unread"), as_json=as_json, empty="No group has read anything yet.")


@events.command(
    epilog=example("rapport events replay --group rapport.feedback --topic rapport.intake --since 2026-03-02T09:00Z")
)
@click.option("--group", required=True, help="The consumer group, such as rapport.feedback; its workers are stopped.")
@click.option("--topic", required=True, help="The topic to read again.")
@click.option("--since", help="From this time on.")
@click.option("--from-start", is_flag=True, help="From the oldest event there is.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@log_option
def replay(log_url: str, group: str, topic: str, since: str | None, *, from_start: bool, yes: bool) -> None:
    """
    Let a stopped group read a topic again.

    Events that took effect before are known to the inbox and dropped; those that did not
    (after a restore, or a group new to the topic) take effect now. Refused while the
    group has live members: stop its workers first.
    """
    if from_start == bool(since):
        raise click.UsageError("give either --since or --from-start")
    with opened_log(log_url) as log:
        to = log.start_offsets(topic)
        if since:
            reader = log.reader([topic])
            try:
                reader.poll(0.0, 1)
                reader.seek_to_time(moment(since))
                to = {partition: reader.position((topic, partition)) for partition in to}
            finally:
                reader.close()
        ends = log.end_offsets(topic)
        count = sum(ends[partition] - at for partition, at in to.items())
        if not yes:
            click.confirm(f"{group} will read {count} events of {topic} again. Go on?", abort=True)
        log.reset(group, topic, to)
    click.echo(f"{group} begins {count} events back on {topic} when its workers start.")


@events.command(epilog=example("rapport events refill"))
@databases_option
@log_option
def refill(log_url: str, databases: Mapping[str, str]) -> None:
    """
    Put on the log again what it has lost, from the services' archives of the last 30 days.

    The events keep their ids, so whoever has heard them drops them; whoever has not hears
    them now. Safe to repeat, and beside running workers.
    """
    with opened_log(log_url) as log:
        try:
            put = moving.refill(databases, log)
        except psycopg.OperationalError as error:
            raise Unavailable("a service's database does not answer") from error
    for topic, count in sorted(put.items()):
        click.echo(f"{topic}: {count} events are back.")
    if not put:
        click.echo("Nothing was missing: what the archives hold is on the log.")


@events.command("copy", epilog=example("rapport events copy --to kafka://127.0.0.1:9092"))
@click.option("--to", "target", required=True, help="The other log: kafka://host:port, or a PostgreSQL URL.")
@log_option
def copy_(log_url: str, target: str) -> None:
    """
    Copy all of the log to another one, whose topics are empty, and compare both.

    Stop the workers first. They begin at the start of the new log and drop what they know.
    """
    with opened_log(log_url) as source, opened_log(target) as to:
        try:
            copied = moving.copy_log(source, to)
        except moving.LogNotEmpty as error:
            raise click.ClickException(str(error)) from error
    for topic, count in sorted(copied.items()):
        click.echo(f"{topic}: {count} events, the same on both sides.")


def _place(log: EventLog, reader: Subscription, topics: Sequence[str], since: datetime | None, last: int) -> None:
    if since is not None:
        reader.seek_to_time(since)
        return
    for topic in topics:
        first = log.start_offsets(topic)
        for partition, end in log.end_offsets(topic).items():
            reader.seek((topic, partition), max(first[partition], end - last))


def _print_from(reader: Subscription, kind: str, *, follow: bool, as_json: bool) -> int:
    """Print what comes, until it is quiet; gives how many it printed."""
    count = 0
    quiet_since = time.monotonic()
    while follow or time.monotonic() - quiet_since < _QUIET_SECONDS:
        records = reader.poll(_QUIET_SECONDS)
        for record in sorted(records, key=lambda r: r.timestamp_ms):
            shown = _shown(record)
            if kind in str(shown.get("type", "")):
                click.echo(json.dumps(shown, ensure_ascii=False) if as_json else _line(shown))
                count += 1
        if records:
            quiet_since = time.monotonic()
    return count


def _shown(record: Record) -> dict[str, Any]:
    found: dict[str, Any] = {
        "at": datetime.fromtimestamp(record.timestamp_ms / 1000, UTC).isoformat(timespec="milliseconds"),
        "place": f"{record.topic}/{record.partition}/{record.offset}",
    }
    try:
        message = from_record(record)
    except Undecodable as error:
        return {**found, "refused": str(error)}
    return {
        **found,
        "type": message.type,
        "id": message.id,
        "subject": message.subject,
        "sequence": message.sequence,
        "data": message.data,
    }


def _line(shown: dict[str, Any]) -> str:
    if "refused" in shown:
        return f"{shown['at']}  {shown['place']}  not an event: {shown['refused']}"
    data = json.dumps(shown["data"], ensure_ascii=False)
    return f"{shown['at']}  {shown['place']}  {shown['type']}  {shown['subject']} #{shown['sequence']}  {data}"
