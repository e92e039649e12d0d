"""Who somebody is: sealed fields, and the blind indexes by which they are found."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import LiteralString
from uuid import UUID

from services.intake.people.domain.contact import phone_to_compare
from services.intake.people.domain.person import Person
from services.intake.people.domain.spelling import exact, fold, foldings, words_kept
from services.intake.people.store.visibility import OPEN_TO, access
from shared.database import Row, Tx
from shared.scope import Scope
from shared.security.sealing import Place, Sealed

FIELDS = ("given_name", "family_name", "preferred_name", "birth_date", "phone", "email", "contact_note")
_NAMES = ("given_name", "family_name", "preferred_name")

_IDENTITY: LiteralString = """
    SELECT i.* FROM identity i JOIN client c USING (client_id) WHERE c.client_id = %(client)s AND """
_NAMED: LiteralString = """
    SELECT i.client_id, c.spoken_code, i.given_name, i.family_name, i.preferred_name
      FROM identity i JOIN client c USING (client_id)
     WHERE c.client_id = ANY(%(clients)s) AND """
_BY_CODE: LiteralString = "SELECT c.client_id FROM client c WHERE c.spoken_code = %(code)s AND "
_BY_HASH: LiteralString = """
    SELECT c.client_id FROM look_up l JOIN client c USING (client_id)
     WHERE l.kind = %(kind)s AND l.token = %(token)s AND """
_BY_WORDS: LiteralString = """
    SELECT c.client_id FROM look_up l JOIN client c USING (client_id)
     WHERE (l.kind = 'name' AND l.token = ANY(%(folded)s) OR l.kind = 'name_exact' AND l.token = ANY(%(spelled)s))
       AND """
_ALL_WORDS_BEST_FIRST: LiteralString = """
     GROUP BY c.client_id
    HAVING count(*) FILTER (WHERE l.kind = 'name') = cardinality(%(folded)s)
     ORDER BY count(*) FILTER (WHERE l.kind = 'name_exact') DESC, c.client_id
     LIMIT %(limit)s"""


@dataclass(frozen=True, slots=True)
class NamedClient:
    """An id with the name that belongs to it, for a screen."""

    client_id: UUID
    spoken_code: str
    display_name: str


def add_person(tx: Tx, client_id: UUID, person: Person) -> None:
    """Keep a person, sealed under a key of their own, and index them for look-up."""
    texts = asdict(person) | {"birth_date": person.birth_date.isoformat()}
    sealed = {
        column: None if text is None else tx.vault.seal(tx, client_id, Place("identity", column, client_id), text)
        for column, text in texts.items()
    }
    tx.execute(
        "INSERT INTO identity (client_id, given_name, family_name, preferred_name, birth_date, phone, email,"
        " contact_note) VALUES (%(client_id)s, %(given_name)s, %(family_name)s, %(preferred_name)s, %(birth_date)s,"
        " %(phone)s, %(email)s, %(contact_note)s)",
        sealed | {"client_id": client_id},
    )
    tx.many(
        "INSERT INTO look_up (kind, token, client_id) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        [(kind, token, client_id) for kind, token in _tokens(tx, person)],
    )


def find_person(tx: Tx, scope: Scope, client_id: UUID) -> Person | None:
    row = tx.row(_IDENTITY + OPEN_TO, {"client": client_id, **access(scope)})
    if row is None:
        return None
    opened = _open(tx, [row], FIELDS)[0]
    return Person(
        given_name=opened["given_name"] or "",
        family_name=opened["family_name"] or "",
        preferred_name=opened["preferred_name"],
        birth_date=date.fromisoformat(opened["birth_date"] or ""),
        phone=opened["phone"],
        email=opened["email"],
        contact_note=opened["contact_note"],
    )


def named(tx: Tx, scope: Scope, client_ids: Sequence[UUID]) -> list[NamedClient]:
    """The names of those of these clients that the scope opens, in the order asked for."""
    found = tx.rows(_NAMED + OPEN_TO, {"clients": list(client_ids), **access(scope)})
    by_id = {
        row["client_id"]: NamedClient(
            row["client_id"],
            row["spoken_code"],
            f"{opened['preferred_name'] or opened['given_name']} {opened['family_name']}",
        )
        for row, opened in zip(found, _open(tx, found, _NAMES), strict=True)
    }
    return [by_id[client_id] for client_id in dict.fromkeys(client_ids) if client_id in by_id]


def ids_by_name(tx: Tx, scope: Scope, words: Sequence[str], *, limit: int) -> list[UUID]:
    """
    Clients whose names hold all of these words, accents folded; exact spellings come first.

    `words` are taken as typed. Whole words only: a hash knows no beginnings.
    """
    folded = list({tx.vault.blind("name", fold(word)) for word in words})
    spelled = list({tx.vault.blind("name_exact", exact(word)) for word in words})
    found = tx.rows(
        _BY_WORDS + OPEN_TO + _ALL_WORDS_BEST_FIRST,
        {"folded": folded, "spelled": spelled, "limit": limit, **access(scope)},
    )
    return [row["client_id"] for row in found]


def ids_by_phone(tx: Tx, scope: Scope, phone: str, *, limit: int) -> list[UUID]:
    """Clients with this phone number, however either was written."""
    return _ids_by(tx, scope, "phone", tx.vault.blind("phone", phone_to_compare(phone)), limit=limit)


def ids_by_email(tx: Tx, scope: Scope, email: str, *, limit: int) -> list[UUID]:
    """Clients with this e-mail address, in any case."""
    return _ids_by(tx, scope, "email", tx.vault.blind("email", email), limit=limit)


def ids_by_code(tx: Tx, scope: Scope, spoken_code: str) -> list[UUID]:
    """The client with this spoken code, if any."""
    found = tx.rows(
        _BY_CODE + OPEN_TO,
        {"code": spoken_code, **access(scope)},
    )
    return [row["client_id"] for row in found]


def _ids_by(tx: Tx, scope: Scope, kind: str, token: bytes, *, limit: int) -> list[UUID]:
    found = tx.rows(
        _BY_HASH + OPEN_TO + "ORDER BY c.client_id LIMIT %(limit)s",
        {"kind": kind, "token": token, "limit": limit, **access(scope)},
    )
    return [row["client_id"] for row in found]


def _tokens(tx: Tx, person: Person) -> list[tuple[str, bytes]]:
    names = [name for name in (person.given_name, person.family_name, person.preferred_name) if name]
    words = words_kept(names)
    found = [("name", tx.vault.blind("name", form)) for word in words for form in foldings(word)]
    found += [("name_exact", tx.vault.blind("name_exact", exact(word))) for word in words]
    if person.phone:
        found.append(("phone", tx.vault.blind("phone", phone_to_compare(person.phone))))
    if person.email:
        found.append(("email", tx.vault.blind("email", person.email)))
    return found


def _open(tx: Tx, rows: Sequence[Row], columns: Sequence[str]) -> list[dict[str, str | None]]:
    """Open the given columns of many rows with one look-up of keys."""
    sealed = [
        Sealed(row["client_id"], Place("identity", column, row["client_id"]), row[column])
        for row in rows
        for column in columns
        if row[column] is not None
    ]
    texts = iter(tx.vault.open_many(tx, sealed))
    return [{column: None if row[column] is None else next(texts) for column in columns} for row in rows]
