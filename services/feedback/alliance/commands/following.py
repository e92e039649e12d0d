"""Following episodes through: opened by the reader, closed never silently."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from services.feedback import events
from services.feedback.alliance.domain.courses import Course, Hour, KeptEpisode
from services.feedback.alliance.domain.episodes import BY_CORRECTION, SUPERSEDED, Episode, recognise
from services.feedback.alliance.domain.kept_episodes import as_opened, as_read_now
from services.feedback.alliance.store import episodes
from shared.database import Tx
from shared.envelope import Event
from shared.ids import uuid7
from shared.outbox import publish
from shared.scope import system_scope

_FOLLOWER = system_scope("follow an episode")


def keep_episodes(tx: Tx, course: Course, read: Sequence[Episode], held: Sequence[Hour], *, now: datetime) -> None:
    """Bring the kept episodes of a locked course in line with how they read now, and tell what became of them."""
    kept = episodes.episodes_of(tx, _FOLLOWER, course.id)
    if not kept and not read:
        return
    spans = {e.id: (e.opened_session, e.closed_session) for e in kept if e.close_reason != SUPERSEDED}
    spans |= {e.id: (e.opened_session, e.opened_session) for e in kept if e.close_reason == SUPERSEDED}
    found = recognise(spans, read)
    known = {id(episode) for episode in found.values() if episode is not None}
    now_kept = [_changed(old, found[old.id], held, now) for old in kept]
    # What closes goes first: a course has one open episode at most.
    for old, new in sorted(zip(kept, now_kept, strict=True), key=lambda pair: pair[1].closed_at is None):
        _keep_change(tx, old, new, now)
    for episode in read:
        if id(episode) not in known:
            _keep_new(tx, course, episode, held, now)


def _keep_new(tx: Tx, course: Course, episode: Episode, held: Sequence[Hour], now: datetime) -> None:
    opened = as_opened(uuid7(), course, episode, held, noticed_at=now)
    # Sessions entered late may bring an episode that has already moved on: then two things are told.
    today = as_read_now(opened, episode, held)
    moved = today.state != opened.state or today.close_reason is not None
    today = replace(today, told=2 if moved else 1)
    episodes.add_episode(tx, today)
    publish(tx, events.episode_opened(opened, now=now))
    if moved:
        publish(tx, _told(today, closes=today.close_reason is not None, now=now))


def _keep_change(tx: Tx, old: KeptEpisode, new: KeptEpisode, now: datetime) -> None:
    if new == old:
        return
    closes = new.close_reason is not None and new.close_reason != old.close_reason
    reopens = new.close_reason is None and old.close_reason is not None
    told = closes or reopens or new.state != old.state
    new = replace(new, version=old.version + 1, told=old.told + told)
    episodes.change_episode(tx, new)
    if told:
        publish(tx, _told(new, closes=closes, now=now))


def _told(episode: KeptEpisode, *, closes: bool, now: datetime) -> Event:
    return events.episode_closed(episode, now=now) if closes else events.episode_changed(episode, now=now)


def _changed(old: KeptEpisode, episode: Episode | None, held: Sequence[Hour], now: datetime) -> KeptEpisode:
    if episode is not None:
        return as_read_now(old, episode, held)
    if old.close_reason == SUPERSEDED:
        return old
    return replace(old, close_reason=SUPERSEDED, closed_by=BY_CORRECTION, closed_at=now, closed_session=None)
