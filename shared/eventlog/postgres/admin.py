"""What operators and `migrate` do with the log: topics, groups, trimming, retention."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from shared.eventlog.interface import CommitRefused, LogError, OffsetOutOfRange
from shared.eventlog.postgres.append import Topic
from shared.eventlog.postgres.connections import Connection
from shared.eventlog.postgres.groups import BURY

_ROWS_AT_A_TIME = 1000

# The records go and the start moves in one statement: a reader sees both or neither.
_TRIM = """
WITH moved AS (
  UPDATE heads SET start_off = least(start_off + %(rows)s, %(before)s)
  WHERE topic_id = %(topic_id)s AND part = %(part)s AND start_off < %(before)s RETURNING start_off
), gone AS (
  DELETE FROM log USING moved
  WHERE topic_id = %(topic_id)s AND part = %(part)s AND off < moved.start_off RETURNING 1
)
SELECT (SELECT start_off FROM moved), (SELECT count(*) FROM gone)
"""


def create_topic(connection: Connection, name: str, partitions: int, retention: timedelta) -> None:
    """Create a topic with its partitions; does nothing if it is there."""
    with connection.transaction():
        row = connection.execute(
            "INSERT INTO topics (name, parts, retention) VALUES (%s, %s, %s) ON CONFLICT (name) DO NOTHING "
            "RETURNING topic_id",
            (name, partitions, retention),
        ).fetchone()
        if row is not None:
            connection.execute(
                "INSERT INTO heads (topic_id, part) SELECT %s, generate_series(0, %s - 1)", (row[0], partitions)
            )


def topics(connection: Connection) -> dict[str, Topic]:
    """All topics by name."""
    rows = connection.execute("SELECT topic_id, name, parts, max_bytes FROM topics ORDER BY name").fetchall()
    return {name: Topic(topic_id, name, parts, max_bytes) for topic_id, name, parts, max_bytes in rows}


def groups(connection: Connection) -> list[str]:
    """All groups that ever joined, read or were set."""
    rows = connection.execute("SELECT grp FROM offsets UNION SELECT grp FROM members ORDER BY grp").fetchall()
    return [str(row[0]) for row in rows]


def offsets(connection: Connection, group: str, topic: Topic) -> dict[int, int]:
    """The committed places of a group."""
    rows = connection.execute(
        "SELECT part, off FROM offsets WHERE grp = %s AND topic_id = %s AND committed_at IS NOT NULL ORDER BY part",
        (group, topic.topic_id),
    ).fetchall()
    return {int(part): int(off) for part, off in rows}


def reset(connection: Connection, group: str, topic: Topic, to: Mapping[int, int]) -> None:
    """
    Set the places of a group that is at rest; the fence rises, so nobody who read before can commit.

    Raises:
        CommitRefused: it has live members.
    """
    check_partitions(topic, to)
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7240003))", (group,))
        connection.execute(BURY, {"grp": group})
        if connection.execute("SELECT 1 FROM members WHERE grp = %s", (group,)).fetchone():
            raise CommitRefused(f"group {group} has live members: stop its workers first")
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO offsets (grp, topic_id, part, off, committed_at) "
                "VALUES (%s, %s, %s, %s, clock_timestamp()) "
                "ON CONFLICT (grp, topic_id, part) DO UPDATE SET off = excluded.off, owner = NULL, "
                "fence = offsets.fence + 1, committed_at = excluded.committed_at",
                [(group, topic.topic_id, part, off) for part, off in to.items()],
            )


def trim(connection: Connection, topic: Topic, before: Mapping[int, int]) -> int:
    """
    Delete records below an offset per partition, a thousand at a time; returns how many.

    Raises:
        OffsetOutOfRange: the offset lies past the end; nothing was deleted.
        LogError: this role may read the topic, and not write it.
    """
    check_partitions(topic, before)
    rows = connection.execute("SELECT part, next_off FROM heads WHERE topic_id = %s", (topic.topic_id,)).fetchall()
    ends = {int(part): int(end) for part, end in rows}
    for part, off in before.items():
        if off > ends[part]:
            raise OffsetOutOfRange(f"{topic.name}/{part}: {off} lies past the end, {ends[part]}")
    gone = sum(_trim_partition(connection, topic, part, off) for part, off in before.items())
    rows = connection.execute("SELECT part, start_off FROM heads WHERE topic_id = %s", (topic.topic_id,)).fetchall()
    if any(start < before.get(part, 0) for part, start in rows):
        raise LogError(f"{topic.name} is not this role's: nothing of it was deleted")
    return gone


def sweep_retention(connection: Connection, *, now: datetime) -> int:
    """Delete what is older than its topic's retention and forget members long gone; returns how many records."""
    gone = 0
    rows = connection.execute(
        "SELECT t.name, h.part, place_at(h.topic_id, h.part, %s - t.retention) "
        "FROM heads h JOIN topics t USING (topic_id) WHERE h.start_off < h.next_off",
        (now,),
    ).fetchall()
    known = topics(connection)
    for name, part, before in rows:
        gone += _trim_partition(connection, known[name], part, before)
    connection.execute(
        "DELETE FROM members "
        "WHERE lease_until NOT BETWEEN clock_timestamp() - interval '1 day' AND clock_timestamp() + interval '1 day'"
    )
    return gone


def _trim_partition(connection: Connection, topic: Topic, part: int, before: int) -> int:
    values = {"topic_id": topic.topic_id, "part": part, "before": before, "rows": _ROWS_AT_A_TIME}
    gone = 0
    while True:
        row = connection.execute(_TRIM, values).fetchone()
        assert row is not None
        if row[0] is None:
            return gone
        gone += int(row[1])


def check_partitions(topic: Topic, places: Mapping[int, int]) -> None:
    """
    Let places pass that can exist.

    Raises:
        LogError: a partition the topic does not have.
        OffsetOutOfRange: a negative offset.
    """
    for part, off in places.items():
        if not 0 <= part < topic.parts:
            raise LogError(f"{topic.name} has partitions 0-{topic.parts - 1}, not {part}")
        if off < 0:
            raise OffsetOutOfRange(f"{topic.name}/{part}: {off} is negative")
