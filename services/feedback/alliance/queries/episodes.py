"""Episodes across clients: what is open, and what became of the others."""

from datetime import datetime
from uuid import UUID

from services.feedback.alliance.domain.kept_episodes import ListedEpisode
from services.feedback.alliance.store import episodes
from shared.database import Tx
from shared.scope import Scope
from shared.security import audit

_OPEN = {"open": True, "closed": False, "all": None}


def list_episodes(
    tx: Tx,
    *,
    state: str,
    practitioner_id: UUID | None,
    after: tuple[str, ...] | None,
    limit: int,
    scope: Scope,
    now: datetime,
) -> list[ListedEpisode]:
    """A page of episodes, oldest first; `state` is open, closed or all."""
    found = episodes.list_episodes(
        tx, scope, is_open=_OPEN[state], practitioner_id=practitioner_id, after=after, limit=limit
    )
    if found:
        about = list(dict.fromkeys(listed.episode.client_id for listed in found))
        audit.record(tx, scope, "episodes.read", about=about, fields=["episode"], now=now)
    return found
