"""The weekly pack: for the therapist whose work it is, and for who supervises them now."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.feedback.care.domain.clients import NO_CODE
from services.feedback.outcome.queries import outcomes_now
from services.feedback.supervision import store
from services.feedback.supervision.domain.packs import Item, PackUnknown, Worse, pack
from services.feedback.supervision.domain.weeks import Week, WeekNotBegun, week_of
from services.feedback.supervision.store import Point, Supervision
from shared.database import Tx
from shared.scope import Scope, system_scope
from shared.security import audit

_PACKER = system_scope("put a pack together")
FIELDS = ("outcome", "state", "signals", "episode", "conversation_held_on", "verdict", "wish", "supervision_point")


@dataclass(frozen=True, slots=True)
class PackItem:
    """An item with what people added: the wish, where supervision may read it, and the points agreed on."""

    item: Item
    wish: str | None
    points: list[Point]


@dataclass(frozen=True, slots=True)
class Pack:
    """One therapist's week. `next_week` is None while that week has not begun."""

    practitioner_id: UUID
    week: Week
    next_week: Week | None
    items: list[PackItem]


def pack_of(tx: Tx, practitioner_id: UUID | None, week: Week | None, *, scope: Scope, now: datetime) -> Pack:
    """
    A therapist's pack (None: the asker's own) of a week (None: the present one).

    Raises:
        PackUnknown: also for a therapist whom the asker does not supervise.
        WeekNotBegun: what differs between the two views is the therapist's alone until the week is over.
    """
    whose, this_week = practitioner_id or scope.actor, week_of(now, tx.zone)
    week = week or this_week
    if whose is None or not store.opens_pack(tx, scope, whose):
        raise PackUnknown("There is no such pack.")
    if week > this_week:
        raise WeekNotBegun("This week has not begun.")
    episodes = store.episodes_of_week(tx, scope, whose, week)
    views = store.differing_views(tx, scope, whose, since=week.before.starts_at, before=week.starts_at)
    items = pack(week, episodes, views, _worse(tx, whose, scope=scope, now=now), now=now)
    about = list(dict.fromkeys(item.client_id for item in items))
    audit.record(tx, scope, "supervision.pack_read", about=about, fields=FIELDS, now=now)
    wishes = store.wishes_for_supervision(tx, scope, whose) if items else {}
    points = store.points(tx, scope, whose, before=week.ends_at) if items else []
    return Pack(
        practitioner_id=whose,
        week=week,
        next_week=week.after if week < this_week else None,
        items=[
            PackItem(item, wishes.get(item.client_id), [p for p in points if p.client_id == item.client_id])
            for item in items
        ],
    )


def _worse(tx: Tx, practitioner_id: UUID, *, scope: Scope, now: datetime) -> list[Worse]:
    # Who may be in the pack was decided by role, relationship and consent; of their totals a status alone is told.
    codes = store.clients_in_packs(tx, scope, practitioner_id)
    found = outcomes_now(tx, list(codes), scope=_PACKER, now=now)
    return [
        Worse(client_id, codes[client_id] or NO_CODE, one.worse_at, one.worse)
        for client_id, one in found.items()
        if one.worse_at is not None
    ]


def list_supervisions(tx: Tx, *, practitioner_id: UUID | None, ended: bool, scope: Scope) -> list[Supervision]:
    """Who supervises whom, as far as it is the asker's to know."""
    return store.supervisions(tx, scope, practitioner_id=practitioner_id, ended=ended)
