"""From ids to names, and from what somebody says at the desk to a client."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.intake.people.domain.contact import is_phone
from services.intake.people.domain.spelling import WORDS_MAX, spoken_code_in, words_asked
from services.intake.people.store import identities as people_store
from services.intake.people.store.identities import NamedClient
from shared.database import Tx
from shared.scope import Scope
from shared.security import audit

FOUND_MAX = 50


def look_up_people(tx: Tx, client_ids: Sequence[UUID], *, scope: Scope, now: datetime) -> list[NamedClient]:
    """The names that belong to these ids; who is unknown, or not open to the asker, is left out."""
    found = people_store.named(tx, scope, client_ids)
    audit.record(
        tx, scope, "people.look_up", about=[person.client_id for person in found], fields=["display_name"], now=now
    )
    return found


def search_people(tx: Tx, text: str, *, scope: Scope, now: datetime) -> list[NamedClient]:
    """
    Clients by spoken code, phone number, e-mail address, or the whole words of a name; 50 at most.

    Accents and case do not matter; names spelled exactly as asked come first.
    """
    found = people_store.named(tx, scope, _ids(tx, scope, text.strip()))
    audit.record(
        tx, scope, "people.search", about=[person.client_id for person in found], fields=["display_name"], now=now
    )
    return found


def _ids(tx: Tx, scope: Scope, text: str) -> list[UUID]:
    code = spoken_code_in(text)
    if code is not None:
        return people_store.ids_by_code(tx, scope, code)
    if "@" in text:
        return people_store.ids_by_email(tx, scope, text, limit=FOUND_MAX)
    if is_phone(text):
        return people_store.ids_by_phone(tx, scope, text, limit=FOUND_MAX)
    words = words_asked(text)
    if not 1 <= len(words) <= WORDS_MAX:
        return []
    return people_store.ids_by_name(tx, scope, words, limit=FOUND_MAX)
