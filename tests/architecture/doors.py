"""Every operation of the three services, as found in their URL maps, and requests to each as anybody at all."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from werkzeug.test import Client, TestResponse

from embedded.house import SERVICES
from shared.access import Rule
from shared.ids import uuid7
from shared.security.tokens import Signer, key_from_seed
from shared.web.operation import Operation
from tests.cast import ANA
from tests.clinic import TEST_KEYS, Clinic

NOBODYS_ID = "0197f6a0-0000-7000-8000-0000000000ff"
STAFF_ROLES = ("front_desk", "therapist", "supervisor", "clinical_lead", "manager")
MACHINE_ROLES = ("operator", "integrator")
ROLES = (*STAFF_ROLES, *MACHINE_ROLES, "checkin", "system")
ISSUERS = ("portal", "checkin", "operator")
TRUSTS = {service.name: service.trusts for service in SERVICES}
# Answered without a token: what probes and readers of the documentation ask for; nothing of anybody.
FREE = {"/livez", "/readyz", "/metrics", "/v1/openapi.json"}


@dataclass(frozen=True)
class Door:
    """One operation: where it is and who is meant to be let in."""

    service: str
    method: str
    rule: str
    under: Rule

    @property
    def permits(self) -> frozenset[str]:
        """The roles that may ask."""
        return self.under.roles

    @property
    def name(self) -> str:
        """As people write it."""
        return f"{self.service} {self.method} {self.rule}"

    def path(self, **ids: object) -> str:
        """Its address with these ids, and with nobody's where none is given."""
        return re.sub(r"<(?:[^:>]+:)?([^>]+)>", lambda found: str(ids.get(found[1], NOBODYS_ID)), self.rule)


def doors(clinic: Clinic) -> Iterator[Door]:
    """All operations of all services; whatever else is routed must be free by name."""
    for service, floor in clinic.house.floors.items():
        for rule in floor.app.url_map.iter_rules():
            view = floor.app.view_functions[rule.endpoint]
            if not isinstance(view, Operation):
                assert rule.rule in FREE, f"{service}: {rule.rule} is open to everybody"
                continue
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                yield Door(service, method, rule.rule, view.rule)


def signer(issuer: str, *, secret_of: str | None = None) -> Signer:
    """An issuer with its own key, or with another's."""
    return Signer(key_from_seed(TEST_KEYS.secret(f"token|{secret_of or issuer}")), issuer)


def token(
    clinic: Clinic,
    audience: str,
    *roles: str,
    issuer: str = "portal",
    actor: UUID | None = ANA.id,
    age: timedelta = timedelta(0),
    secret_of: str | None = None,
) -> str:
    """A token as this issuer makes it; `age` lets it have been made earlier."""
    made = signer(issuer, secret_of=secret_of)
    return made.token(audience=audience, actor=actor, roles=roles, purpose="test", now=clinic.clock() - age)


def knock(clinic: Clinic, door: Door, bearer: str | None, body: Any = None, **more: Any) -> TestResponse:
    """One request with everything it may need but a sensible body; `more` holds ids, `headers` and `query`."""
    headers: Mapping[str, str] = more.pop("headers", {})
    query: Mapping[str, str] = more.pop("query", {})
    sent = {"Idempotency-Key": str(uuid7()), "If-Match": '"1"'} | dict(headers)
    if bearer is not None:
        sent["Authorization"] = f"Bearer {bearer}"
    return Client(clinic.house.floors[door.service].app).open(
        door.path(**more),
        method=door.method,
        json={} if body is None and door.method != "GET" else body,
        headers=sent,
        query_string=dict(query),
    )
