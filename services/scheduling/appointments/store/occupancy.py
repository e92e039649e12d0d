"""
Who and what is busy when; the constraint `no_double_booking` has the last word.

Order in every command: read the appointment, lock the resources it has and will have
(`lock_resources`), lock its row, look for clashes, write. A row locked before a resource
would deadlock with another command.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from psycopg.errors import ExclusionViolation

from services.scheduling.appointments.domain.appointment import Appointment
from services.scheduling.appointments.domain.occupancy import Clash, Interval, Seen, SlotTaken, Taken
from services.scheduling.care.store.visibility import seen_by
from services.scheduling.resources.domain.resources import Resource
from shared.database import Tx
from shared.scope import Scope


def clashes(
    tx: Tx, scope: Scope, numbers: Sequence[int], intervals: Sequence[Interval], *, leaving_out: UUID | None = None
) -> dict[int, list[Clash]]:
    """
    What stands in the way, by the interval's place in `intervals`.

    The resources `numbers` are wanted in each of the intervals; `leaving_out` is an
    appointment that does not count: the one that is being moved.
    """
    rows = tx.rows(
        "SELECT w.n - 1 AS place, r.kind, lower(o.during) AS starts_at, upper(o.during) AS ends_at, "
        "a.local_start, a.zone, "
        "coalesce(%(sees_all)s OR a.practitioner_id = ANY(%(diaries_of)s::uuid[]), false) AS seen "
        "FROM unnest(%(starts)s::timestamptz[], %(ends)s::timestamptz[]) WITH ORDINALITY AS w(starts_at, ends_at, n) "
        "CROSS JOIN unnest(%(numbers)s::int[]) AS wanted(no) "
        "JOIN occupancy o ON o.blocking AND o.during && tstzrange(w.starts_at, w.ends_at) "
        "AND int4range(o.resource_no, o.resource_no, '[]') && int4range(wanted.no, wanted.no, '[]') "
        "JOIN appointment a USING (appointment_id) JOIN resource r ON r.resource_no = o.resource_no "
        "WHERE o.appointment_id IS DISTINCT FROM %(leaving_out)s::uuid ORDER BY w.n, r.kind DESC, o.during",
        {
            "numbers": list(numbers),
            "starts": [start for start, _ in intervals],
            "ends": [end for _, end in intervals],
            "leaving_out": leaving_out,
            **seen_by(scope),
        },
    )
    taken: dict[int, list[Clash]] = {}
    for row in rows:
        by = Seen(row["starts_at"], row["ends_at"], row["local_start"], row["zone"]) if row["seen"] else None
        clash = Clash(row["kind"], by)
        if clash not in taken.setdefault(row["place"], []):
            taken[row["place"]].append(clash)
    return taken


def busy(tx: Tx, scope: Scope, resources: Iterable[Resource], window: Interval) -> list[Interval]:
    """When any of these is taken within a window, without saying by whom."""
    wanted = list(resources)
    rows = tx.rows(
        "SELECT lower(o.during) AS starts_at, upper(o.during) AS ends_at "
        "FROM resource r JOIN unnest(%(kinds)s::text[], %(ids)s::uuid[]) AS w(kind, id) USING (kind, id) "
        "JOIN occupancy o ON o.blocking AND o.during && tstzrange(%(start)s, %(end)s) "
        "AND int4range(o.resource_no, o.resource_no, '[]') && int4range(r.resource_no, r.resource_no, '[]') "
        "WHERE %(any_staff)s ORDER BY 1, 2",
        {
            "kinds": [resource.kind for resource in wanted],
            "ids": [resource.id for resource in wanted],
            "start": window[0],
            "end": window[1],
            "any_staff": bool(scope.roles),
        },
    )
    return [(row["starts_at"], row["ends_at"]) for row in rows]


def move(tx: Tx, appointment: Appointment, numbers: Sequence[int]) -> None:
    """
    Give back the time and the resources that an appointment had, and take those it has now.

    Raises:
        SlotTaken: the constraint refused it. The transaction is broken then and must end.
    """
    tx.execute("DELETE FROM occupancy WHERE appointment_id = %s", (appointment.id,))
    try:
        tx.execute(
            "INSERT INTO occupancy (appointment_id, resource_no, during, blocking) "
            "SELECT %s, no, tstzrange(%s, %s), %s FROM unnest(%s::int[]) AS n(no)",
            (appointment.id, appointment.starts_at, appointment.ends_at, appointment.blocks, list(numbers)),
        )
    except ExclusionViolation:
        raise SlotTaken([]) from None


def set_blocking(tx: Tx, appointment: Appointment) -> None:
    """Let an appointment block, or stop blocking, as its status says; raises SlotTaken like `move`."""
    try:
        tx.execute("UPDATE occupancy SET blocking = %s WHERE appointment_id = %s", (appointment.blocks, appointment.id))
    except ExclusionViolation:
        raise SlotTaken([]) from None


def taken_between(tx: Tx, scope: Scope, begin: datetime, end: datetime) -> list[Taken]:
    """Everything that blocks within a window, as plain numbers for the independent check."""
    return tx.rows_as(
        Taken,
        "SELECT resource_no, appointment_id, extract(epoch FROM lower(during))::float8 AS start, "
        "extract(epoch FROM upper(during))::float8 AS end FROM occupancy "
        "WHERE blocking AND during && tstzrange(%(start)s, %(end)s) AND %(sees_all)s",
        {"start": begin, "end": end, **seen_by(scope)},
    )
