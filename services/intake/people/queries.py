"""From ids to names, from what somebody says at the desk to a client, and clients listed without their names."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from services.intake.people.domain.clients import Client, ClientState
from services.intake.people.domain.contact import is_phone
from services.intake.people.domain.spelling import WORDS_MAX, spoken_code_in, words_asked
from services.intake.people.store import clients, identities
from services.intake.people.store.identities import NamedClient
from shared.contracts.access import EMERGENCY
from shared.database import Tx
from shared.scope import Scope, system_scope
from shared.security import audit

FOUND_MAX = 50
T = TypeVar("T")
Place = tuple[datetime, UUID]  # where a page ended: the sort value and the id of its last row


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """A part of a list, and where the next one begins (None: this was the last)."""

    found: list[T]
    end: Place | None


def page_of(found: list[T], limit: int, place: Callable[[T], Place]) -> Page[T]:
    """The first `limit` of what was found; that there is more shows by one more."""
    page = found[:limit]
    return Page(page, place(page[-1]) if len(found) > limit else None)


def look_up_people(tx: Tx, client_ids: Sequence[UUID], *, scope: Scope, now: datetime) -> list[NamedClient]:
    """The names that belong to these ids; who is unknown, or not open to the asker, is left out."""
    found = identities.named(tx, scope, client_ids)
    audit.record(
        tx, scope, "people.look_up", about=[person.client_id for person in found], fields=["display_name"], now=now
    )
    return found


def search_people(tx: Tx, text: str, *, scope: Scope, now: datetime) -> list[NamedClient]:
    """
    Clients by spoken code, phone number, e-mail address, or the whole words of a name; 50 at most.

    Accents and case do not matter; names spelled exactly as asked come first.
    """
    found = identities.named(tx, scope, _ids(tx, scope, text.strip()))
    audit.record(
        tx, scope, "people.search", about=[person.client_id for person in found], fields=["display_name"], now=now
    )
    return found


def find_in_an_emergency(tx: Tx, code: str, *, scope: Scope, now: datetime) -> Client | None:
    """
    Whom a spoken code belongs to, for a clinician who has nothing to do with them: in an emergency alone.

    It says that there is such a client and who treats them, no name. What may be read then is for the token to say.
    """
    if scope.purpose != EMERGENCY:
        return None
    spoken = spoken_code_in(code)
    everybody = system_scope(EMERGENCY)
    found = identities.ids_by_code(tx, everybody, spoken) if spoken else []
    client = clients.find_client(tx, everybody, found[0]) if found else None
    if client:
        audit.record(tx, scope, "people.emergency_look_up", about=[client.client_id], fields=["spoken_code"], now=now)
    return client


def list_clients(
    tx: Tx,
    *,
    state: ClientState | None = None,
    practitioner_id: UUID | None = None,
    sort: str = "since",
    descending: bool = False,
    after: Place | None = None,
    limit: int = 50,
    scope: Scope,
    now: datetime,
) -> Page[Client]:
    """Clients by `sort` ("since" or "registered_at"), without their names."""
    found = clients.clients(
        tx,
        scope,
        state=state,
        practitioner_id=practitioner_id,
        sort=sort,
        descending=descending,
        after=after,
        limit=limit + 1,
    )
    page = page_of(found, limit, lambda last: (last.since if sort == "since" else last.registered_at, last.client_id))
    about = [client.client_id for client in page.found]
    audit.record(tx, scope, "client.list", about=about, fields=["state", "practitioner_id"], now=now)
    return page


def _ids(tx: Tx, scope: Scope, text: str) -> list[UUID]:
    code = spoken_code_in(text)
    if code is not None:
        return identities.ids_by_code(tx, scope, code)
    if "@" in text:
        return identities.ids_by_email(tx, scope, text, limit=FOUND_MAX)
    if is_phone(text):
        return identities.ids_by_phone(tx, scope, text, limit=FOUND_MAX)
    words = words_asked(text)
    if not 1 <= len(words) <= WORDS_MAX:
        return []
    return identities.ids_by_name(tx, scope, words, limit=FOUND_MAX)
