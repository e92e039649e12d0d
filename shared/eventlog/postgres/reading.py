"""Reading: what lies at and after a place, in one query for all partitions."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from shared.eventlog.interface import OffsetOutOfRange, Record
from shared.eventlog.postgres.append import Topic
from shared.eventlog.postgres.connections import Connection
from shared.eventlog.postgres.shares import Place

# Only partitions with news come back, so a poll that finds nothing costs next to nothing. One statement
# sees one snapshot: nothing below next_off can appear later, so gaps may be passed over for good.
_READ = """
SELECT w.topic_id, w.part, w.next, h.start_off, h.next_off, l.off, l.ms, l.key, l.headers, l.value
FROM unnest(%(topics)s::smallint[], %(parts)s::smallint[], %(nexts)s::bigint[]) AS w(topic_id, part, next)
JOIN heads h ON h.topic_id = w.topic_id AND h.part = w.part AND h.next_off <> w.next
LEFT JOIN LATERAL (
  SELECT off, floor(extract(epoch FROM ts) * 1000)::bigint AS ms, key, headers, value FROM log
  WHERE log.topic_id = w.topic_id AND log.part = w.part AND off >= w.next AND off < h.next_off
  ORDER BY off LIMIT %(most)s
) l ON true
LIMIT %(most)s
"""


@dataclass(frozen=True, slots=True)
class Found:
    """Records in order per partition, and the next place to read in every partition that moved."""

    records: list[Record]
    next_places: dict[Place, int]


def read(connection: Connection, names: Mapping[int, str], places: Sequence[tuple[Place, int]], most: int) -> Found:
    """
    Read at most `most` records.

    Args:
        connection: In autocommit mode.
        names: Topic id -> name.
        places: Partition and next offset; the first in the list are read first.
        most: Records.

    Raises:
        OffsetOutOfRange: a place was trimmed away or lies past the end.
    """
    values = {
        "topics": [place[0] for place, _ in places],
        "parts": [place[1] for place, _ in places],
        "nexts": [following for _, following in places],
        "most": most,
    }
    with connection.cursor(binary=True) as cursor:
        rows = cursor.execute(_READ, values).fetchall()
    found = Found([], {})
    for topic_id, part, following, start_off, next_off, off, ms, key, headers, value in rows:
        place = (topic_id, part)
        if not start_off <= following <= next_off:
            raise OffsetOutOfRange(f"{names[topic_id]}/{part}: {following} is not in {start_off}-{next_off}")
        if off is not None:
            found.records.append(Record(names[topic_id], part, off, ms, key, value, _pairs(headers)))
            found.next_places[place] = off + 1
        if len(rows) < most:  # everything there was came back, so what is missing up to the end will never come
            found.next_places[place] = next_off
    return found


def place_at(connection: Connection, place: Place, moment_ms: float) -> int:
    """The first offset whose record is not older than `moment_ms` (since 1970, UTC); the end if there is none."""
    row = connection.execute(
        "SELECT place_at(%s::smallint, %s::smallint, to_timestamp(%s / 1000.0))", (*place, moment_ms)
    ).fetchone()
    assert row is not None
    return int(row[0])


def ends(connection: Connection, topics: Sequence[Topic]) -> dict[Place, tuple[int, int]]:
    """Partition -> oldest offset there, one past the newest."""
    rows = connection.execute(
        "SELECT topic_id, part, start_off, next_off FROM heads WHERE topic_id = ANY(%s::smallint[]) "
        "ORDER BY topic_id, part",
        ([topic.topic_id for topic in topics],),
    ).fetchall()
    return {(topic_id, part): (start, end) for topic_id, part, start, end in rows}


def _pairs(headers: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in json.loads(headers))
