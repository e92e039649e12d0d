"""Episodes across clients: what is open, and what became of the others."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.feedback.alliance.domain.kept_episodes import KeptEpisode
from services.feedback.alliance.store import episodes
from services.feedback.care.domain.clients import NO_CODE
from shared.database import Tx
from shared.scope import Scope
from shared.security import audit

_OPEN = {"open": True, "closed": False, "all": None}


@dataclass(frozen=True, slots=True)
class ListedEpisode:
    """An episode and whose it is."""

    spoken_code: str
    episode: KeptEpisode


def list_episodes(
    tx: Tx, wanted: dict[str, Any], *, after: tuple[str, ...] | None, limit: int, scope: Scope, now: datetime
) -> list[ListedEpisode]:
    """A page of episodes, oldest first; `wanted` has `state` (open, closed, all) and `practitioner_id`."""
    asked = {"open": _OPEN[wanted["state"]], "practitioner_id": wanted["practitioner_id"]}
    rows = episodes.list_episodes(tx, scope, asked, after=after, limit=limit)
    if rows:
        about = list(dict.fromkeys(episode.client_id for _, episode in rows))
        audit.record(tx, scope, "episodes.read", about=about, fields=["episode"], now=now)
    return [ListedEpisode(code or NO_CODE, episode) for code, episode in rows]
