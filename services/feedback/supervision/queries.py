"""The weekly pack: for the therapist whose work it is, and for who supervises them now."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.feedback.alliance.domain.details import sentence_from
from services.feedback.alliance.store.episodes import as_kept
from services.feedback.care.domain.clients import NO_CODE
from services.feedback.outcome.queries import outcomes_now
from services.feedback.supervision import store
from services.feedback.supervision import store as packs
from services.feedback.supervision.domain.packs import DifferingViews, FollowedEpisode, Item, PackUnknown, Worse, pack
from services.feedback.supervision.domain.weeks import Week, WeekNotBegun, week_of
from shared.database import Row, Tx
from shared.scope import Scope, system_scope
from shared.security import audit

_PACKER = system_scope("put a pack together")
FIELDS = ("outcome", "state", "signals", "episode", "conversation_held_on", "verdict", "wish", "supervision_point")


@dataclass(frozen=True, slots=True)
class PackItem:
    """An item with what people added: the wish, where supervision may read it, and the points agreed on."""

    item: Item
    wish: str | None
    points: list[Row]


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
    episodes = [_followed(row, week) for row in packs.episodes_of_week(tx, scope, whose, week)]
    since, before = week.before.starts_at, week.starts_at
    views = [_views(row) for row in packs.differing_views(tx, scope, whose, since=since, before=before)]
    items = pack(week, episodes, views, _worse(tx, whose, scope=scope, now=now), now=now)
    about = list(dict.fromkeys(item.client_id for item in items))
    audit.record(tx, scope, "supervision.pack_read", about=about, fields=FIELDS, now=now)
    wishes = packs.wishes_for_supervision(tx, scope, whose) if items else {}
    points = packs.points(tx, scope, whose, before=week.ends_at) if items else []
    return Pack(
        practitioner_id=whose,
        week=week,
        next_week=week.after if week < this_week else None,
        items=[
            PackItem(item, wishes.get(item.client_id), [p for p in points if p["client_id"] == item.client_id])
            for item in items
        ],
    )


def _worse(tx: Tx, practitioner_id: UUID, *, scope: Scope, now: datetime) -> list[Worse]:
    # Who may be in the pack was decided by role, relationship and consent; of their totals a status alone is told.
    codes = packs.clients_in_packs(tx, scope, practitioner_id)
    found = outcomes_now(tx, list(codes), scope=_PACKER, now=now)
    return [
        Worse(client_id, codes[client_id] or NO_CODE, one.worse_at, one.worse)
        for client_id, one in found.items()
        if one.worse_at is not None
    ]


def _followed(row: Row, week: Week) -> FollowedEpisode:
    beside = {name: row.pop(name) for name in ("spoken_code", "opening", "latest", "closing", "state_then")}
    noticed_at = row.pop("close_noticed_at")
    is_over = noticed_at is not None and noticed_at < week.ends_at
    latest = (beside["closing"] if is_over else None) or beside["latest"]
    return FollowedEpisode(
        kept=as_kept(**row),
        spoken_code=beside["spoken_code"] or NO_CODE,
        opening=sentence_from(beside["opening"]) if beside["opening"] else None,
        latest=sentence_from(latest) if latest else None,
        state_then=beside["state_then"],
        close_noticed_at=noticed_at,
    )


def _views(row: Row) -> DifferingViews:
    told = next(signal for signal in row["detail"]["signals"] if signal["code"] in ("S7", "S7b"))
    return DifferingViews(
        client_id=row["client_id"],
        spoken_code=row["spoken_code"] or NO_CODE,
        starts_at=row["starts_at"],
        noticed_at=row["noticed_at"],
        sentence=sentence_from(told),
    )


def list_supervisions(tx: Tx, *, practitioner_id: UUID | None, ended: bool, scope: Scope) -> list[Row]:
    """Who supervises whom, as far as it is the asker's to know."""
    return store.supervisions(tx, scope, practitioner_id=practitioner_id, ended=ended)
