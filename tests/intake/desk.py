"""Valid defaults for intake's tests, and a caller of its API; a test names only what matters to it."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from flask.testing import FlaskClient

from services.intake.allocation import commands as care
from services.intake.consents.domain import ConsentAnswer, Purpose
from services.intake.people.domain.person import Person
from services.intake.referrals import commands as referrals
from services.intake.referrals.domain.referral import NewReferral, Referral
from shared.database import Row, Tx
from shared.scope import Scope

MARA = Person(
    given_name="Mara",
    family_name="O'Neil-Łukasz 李",
    birth_date=date(1990, 2, 28),
    phone="+49 151 2345 6789",
    email="Mara@Example.org",
    contact_note="Please do not leave messages.",
)
NOOR = Person(given_name="Noor", family_name="Müller", birth_date=date(1985, 7, 1))
CARE_RECORD = ConsentAnswer(Purpose.CARE_RECORD, given=True, text_version="2026-01")
FORMS = ConsentAnswer(Purpose.FEEDBACK_FORMS, given=True, text_version="2026-01")


def referred(tx: Tx, scope: Scope, now: datetime, person: Person = MARA, **changes: Any) -> Referral:
    new = NewReferral(replace(person, **changes), "B1", "Asks for help with sleep.")
    return referrals.receive_referral(tx, new, scope=scope, now=now)


def waiting(tx: Tx, scope: Scope, now: datetime, person: Person = MARA, **changes: Any) -> UUID:
    referral = referred(tx, scope, now, person, **changes)
    referrals.accept_referral(tx, referral.referral_id, [CARE_RECORD, FORMS], scope=scope, now=now)
    return referral.client_id


def allocated(tx: Tx, scope: Scope, now: datetime, practitioner: UUID, person: Person = MARA, **changes: Any) -> UUID:
    client_id = waiting(tx, scope, now, person, **changes)
    care.allocate(tx, client_id, practitioner, scope=scope, now=now)
    return client_id


def told(tx: Tx) -> list[Row]:
    """The events told so far, oldest first, their data read."""
    tx.flush()  # they wait for the commit
    rows = tx.rows("SELECT type, aggregatetype, aggregateid, aggregate_version, key, payload FROM outbox ORDER BY seq")
    return [row | {"data": json.loads(row["payload"])} for row in rows]


def kinds(tx: Tx) -> list[str]:
    return [row["type"].removeprefix("rapport.intake.").removesuffix(".v1") for row in told(tx)]


class Caller:
    """Somebody with a token, speaking JSON."""

    def __init__(self, http: FlaskClient, token: Callable[[], str]) -> None:
        self._http = http
        self._token = token

    def get(self, path: str, **query: Any) -> Any:
        return self._http.get(path, query_string=query, headers=self._headers())

    def post(
        self, path: str, body: Any, *, key: str | None = None, version: int | None = None, raw: bytes | None = None
    ) -> Any:
        headers = self._headers() | {"Idempotency-Key": key or str(uuid4())}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        data = raw if raw is not None else json.dumps(body).encode()
        return self._http.post(path, data=data, content_type="application/json", headers=headers)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token()}"}


def referral_body(**client: Any) -> dict[str, Any]:
    person = {"given_name": "Mara", "family_name": "O'Neil-Łukasz 李", "birth_date": "1990-02-28"} | client
    return {"client": person, "source": "B1"}


def consents_body() -> dict[str, Any]:
    return {"consents": [{"purpose": "care_record", "given": True, "text_version": "2026-01"}]}
