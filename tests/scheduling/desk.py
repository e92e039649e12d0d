"""Scheduling's API, asked over HTTP (in process) with signed tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from werkzeug.test import TestResponse

from services.scheduling.app import SERVICE
from shared.security.tokens import Signer, Verifier, key_from_seed
from shared.web.app import ApiDependencies, create_api
from tests.scheduling.practice import NOW, Practice

PORTAL = key_from_seed(b"p" * 32)
ROLES = frozenset(
    {"front_desk", "therapist", "supervisor", "clinical_lead", "manager", "operator", "integrator", "checkin"}
)


@dataclass
class Desk:
    practice: Practice
    now: datetime = NOW

    def __post_init__(self) -> None:
        verifier = Verifier({"portal": PORTAL}, "scheduling", {"portal": ROLES})
        self.app = create_api(SERVICE, ApiDependencies(self.practice.database, verifier, clock=lambda: self.now))
        self.signer = Signer(PORTAL, "portal")

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        roles: Sequence[str] = ("front_desk",),
        actor: UUID | None = None,
        version: int | None = None,
        key: str | None = None,
    ) -> TestResponse:
        token = self.signer.token(
            audience="scheduling", actor=actor or UUID(int=7), roles=roles, purpose="test", now=self.now
        )
        headers = {"Authorization": f"Bearer {token}"}
        if method == "POST":
            headers["Idempotency-Key"] = key or str(uuid4())
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return self.app.test_client().open(path, method=method, headers=headers, json=body)

    def get(self, path: str, **how: Any) -> Any:
        answer = self.ask("GET", path, **how)
        assert answer.status_code == 200, answer.text
        return answer.json

    def body(self, **changes: Any) -> dict[str, Any]:
        asked = {
            "client_id": str(self.practice.mara),
            "practitioner_id": str(self.practice.ana),
            "type_code": "individual",
            "modality": "in_person",
            "local_start": "2026-03-10T15:00",
            "minutes": 50,
        }
        return asked | changes

    def book(self, **changes: Any) -> dict[str, Any]:
        answer = self.ask("POST", "/v1/appointments", self.body(**changes))
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json or {}
        return found


def fields_at_fault(answer: TestResponse) -> list[str]:
    assert answer.content_type == "application/problem+json"
    return [error["field"] for error in (answer.json or {}).get("errors", [])]
