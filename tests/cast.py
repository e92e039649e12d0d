"""The same people in every test. All are invented; their names double as canaries for leaks."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from portal.security.accounts import add_staff
from portal.security.passwords import hash_password
from shared.database import Tx


@dataclass(frozen=True, slots=True)
class Staff:
    """Someone who works at the clinic."""

    id: UUID
    username: str
    display_name: str
    roles: tuple[str, ...]


ANA = Staff(UUID("0197f6a0-0000-7000-8000-00000000000a"), "ana", "Ana Ferreira-Canary", ("therapist",))
BEN = Staff(UUID("0197f6a0-0000-7000-8000-00000000000b"), "ben", "Ben Okafor-Canary", ("therapist",))
CHRIS = Staff(UUID("0197f6a0-0000-7000-8000-00000000000c"), "chris", "Chris Halloran-Canary", ("manager",))
DANA = Staff(UUID("0197f6a0-0000-7000-8000-00000000000d"), "dana", "Dana Petrova-Canary", ("front_desk",))
LEAD = Staff(UUID("0197f6a0-0000-7000-8000-00000000001e"), "lena", "Lena Brandt-Canary", ("clinical_lead",))
OLU = Staff(UUID("0197f6a0-0000-7000-8000-00000000000f"), "olu", "Olu Adeyemi-Canary", ("operator",))
SAM = Staff(UUID("0197f6a0-0000-7000-8000-00000000002f"), "sam", "Sam Iyer-Canary", ("supervisor",))
EVERYBODY = (ANA, BEN, CHRIS, DANA, LEAD, OLU, SAM)
PASSWORD = "correct horse battery staple"

MARA = {"given_name": "Marahcanary", "family_name": "Lindholmcanary", "birth_date": "1989-04-12"}
NOOR = {"given_name": "Noor", "family_name": "O'Neil-Łukasz 李", "birth_date": "1994-09-30"}


@cache
def kept_password() -> str:
    """The hash of everybody's password: made once a process, because making it is slow on purpose."""
    return hash_password(PASSWORD)


def give_accounts(tx: Tx, now: datetime, people: Iterable[Staff] = EVERYBODY) -> None:
    """These people work at the clinic, and come in with PASSWORD."""
    for one in people:
        add_staff(
            tx,
            staff_id=one.id,
            username=one.username,
            display_name=one.display_name,
            roles=one.roles,
            password_hash=kept_password(),
            now=now,
        )
