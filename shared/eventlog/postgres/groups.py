"""
Consumer groups: leases by the server's clock, fencing against members that come back too late.

A partition moves only when its owner lets go or its lease has ended, so two live members
never hold one; a member that stalled past its lease is stopped at its commit by the fence.
A lease much further ahead than its own length was given before the clock stepped back: its
member, if it lives, renews it within seconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from shared.eventlog.interface import Start, UnknownTopic
from shared.eventlog.postgres.append import Topic
from shared.eventlog.postgres.connections import Connection
from shared.eventlog.postgres.listening import CHANNEL, group_channel
from shared.eventlog.postgres.shares import Place, shares

LEASE = timedelta(seconds=10)
_BEATS = 0.3  # of a lease: three may be missed

# The usual beat, one round trip: nobody came, nobody went, I hold what I should.
_RENEW = """
UPDATE members SET lease_until = clock_timestamp() + lease
WHERE grp = %(grp)s AND member = %(me)s
  AND lease_until > clock_timestamp() AND lease_until <= clock_timestamp() + 2 * lease
RETURNING
  (SELECT array_agg(m.member) FROM members m WHERE m.grp = %(grp)s
    AND m.lease_until > clock_timestamp() AND m.lease_until <= clock_timestamp() + 2 * m.lease),
  (SELECT count(*) FROM offsets o WHERE o.grp = %(grp)s AND o.owner = %(me)s)
"""
_JOIN = """
INSERT INTO members (grp, member, topics, lease, lease_until)
VALUES (%(grp)s, %(me)s, %(topics)s::smallint[], %(lease)s, clock_timestamp() + %(lease)s)
ON CONFLICT (grp, member) DO UPDATE SET lease_until = excluded.lease_until
"""
BURY = """
DELETE FROM members WHERE grp = %(grp)s
AND (lease_until <= clock_timestamp() OR lease_until > clock_timestamp() + 2 * lease)
"""
_FREE = """
UPDATE offsets SET owner = NULL WHERE grp = %(grp)s AND owner IS NOT NULL
AND NOT EXISTS (SELECT FROM members m WHERE m.grp = offsets.grp AND m.member = offsets.owner)
"""
_ALIVE = "SELECT member, topics FROM members WHERE grp = %(grp)s ORDER BY joined, member"
_RELEASE = """
UPDATE offsets SET owner = NULL WHERE grp = %(grp)s AND owner = %(me)s AND NOT EXISTS (
  SELECT FROM unnest(%(share_topics)s::smallint[], %(share_parts)s::smallint[]) AS s(topic_id, part)
  WHERE s.topic_id = offsets.topic_id AND s.part = offsets.part)
"""
_CLAIM = """
INSERT INTO offsets (grp, topic_id, part, off, owner, fence)
SELECT %(grp)s, h.topic_id, h.part, CASE WHEN %(latest)s THEN h.next_off ELSE h.start_off END, %(me)s, 1
FROM unnest(%(share_topics)s::smallint[], %(share_parts)s::smallint[]) AS s(topic_id, part)
JOIN heads h ON h.topic_id = s.topic_id AND h.part = s.part
ON CONFLICT (grp, topic_id, part) DO UPDATE SET owner = excluded.owner, fence = offsets.fence + 1
WHERE offsets.owner IS NULL
"""
_HELD = """
SELECT o.topic_id, o.part, o.fence, CASE WHEN o.committed_at IS NULL THEN greatest(o.off, h.start_off) ELSE o.off END
FROM offsets o JOIN heads h ON h.topic_id = o.topic_id AND h.part = o.part
WHERE o.grp = %(grp)s AND o.owner = %(me)s ORDER BY o.topic_id, o.part
"""
_COMMIT = """
UPDATE offsets o SET off = w.off, committed_at = clock_timestamp()
FROM unnest(%(topics)s::smallint[], %(parts)s::smallint[], %(offs)s::bigint[], %(fences)s::bigint[])
  AS w(topic_id, part, off, fence)
WHERE o.grp = %(grp)s AND o.topic_id = w.topic_id AND o.part = w.part AND o.owner = %(me)s AND o.fence = w.fence
"""
_LEAVE = """
WITH gone AS (DELETE FROM members WHERE grp = %(grp)s AND member = %(me)s),
freed AS (UPDATE offsets SET owner = NULL WHERE grp = %(grp)s AND owner = %(me)s)
SELECT pg_notify(%(channel)s, %(told)s)
"""


@dataclass(frozen=True, slots=True)
class Held:
    """A partition held: the number of this holding, and where the group was when it began."""

    fence: int
    off: int


class Membership:
    """One member of one group, as the database knows it; used by one thread."""

    def __init__(self, group: str, member: UUID, *, start: Start, lease: timedelta = LEASE) -> None:
        self.group = group
        self.member = member
        self.held: dict[Place, Held] = {}
        self._share: set[Place] = set()
        self._alive: set[UUID] = set()
        self.joined = False
        self.beat_seconds = lease.total_seconds() * _BEATS
        self._values = {
            "grp": group,
            "me": member,
            "lease": lease,
            "latest": start == "latest",
            "channel": CHANNEL,
            "told": group_channel(group),
        }

    def beat(self, connection: Connection, topics: Sequence[Topic]) -> None:
        """Renew the lease and bring `held` up to date; to be called every few seconds, between batches."""
        if self._alive:
            row = connection.execute(_RENEW, self._values).fetchone()
            if row and set(row[0]) == self._alive and row[1] == len(self.held) == len(self._share):
                return
        self._rebalance(connection, topics)

    def commit(self, connection: Connection, positions: Mapping[Place, int]) -> bool:
        """Keep places; False if one of them is no longer this member's, which then forgets all it held."""
        values = {
            "topics": [place[0] for place in positions],
            "parts": [place[1] for place in positions],
            "offs": list(positions.values()),
            "fences": [self.held[place].fence for place in positions],
        }
        kept = connection.execute(_COMMIT, self._values | values).rowcount == len(positions)
        if not kept:
            self.forget()
        return kept

    def forget(self) -> None:
        """Hold nothing until the next beat, and then begin at the committed places."""
        self.held, self._share, self._alive = {}, set(), set()

    def leave(self, connection: Connection) -> None:
        """Let go of everything at once, so that the others need not wait for the lease to end."""
        connection.execute(_LEAVE, self._values)
        self.forget()

    def _rebalance(self, connection: Connection, topics: Sequence[Topic]) -> None:
        self.joined = True  # from here on the database may know this member, whatever the answer is
        with connection.transaction():
            # One member of a group at a time: what a member sees of the others stays true until it commits.
            connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7240003))", (self.group,))
            values = self._values | {"topics": [topic.topic_id for topic in topics]}
            connection.execute(_JOIN, values)
            connection.execute(BURY, values)
            connection.execute(_FREE, values)
            members = [(member, frozenset(ids)) for member, ids in connection.execute(_ALIVE, values).fetchall()]
            share = self._deal(connection, members)
            values |= {"share_topics": [t for t, _ in share], "share_parts": [p for _, p in share]}
            released = connection.execute(_RELEASE, values).rowcount
            connection.execute(_CLAIM, values)
            rows = connection.execute(_HELD, values).fetchall()
            alive = {member for member, _ in members}
            if released or alive != self._alive:
                connection.execute("SELECT pg_notify(%(channel)s, %(told)s)", values)
        self.held = {(topic_id, part): Held(fence, off) for topic_id, part, fence, off in rows}
        self._share, self._alive = set(share), alive

    def _deal(self, connection: Connection, members: Sequence[tuple[UUID, frozenset[int]]]) -> list[Place]:
        wanted = sorted(frozenset[int]().union(*(ids for _, ids in members)))
        rows = connection.execute(
            "SELECT topic_id, parts FROM topics WHERE topic_id = ANY(%s::smallint[])", (wanted,)
        ).fetchall()
        parts = {int(topic_id): int(count) for topic_id, count in rows}
        if len(parts) != len(wanted):
            raise UnknownTopic("a topic of the group was removed")
        return [place for place, member in shares(members, parts).items() if member == self.member]
