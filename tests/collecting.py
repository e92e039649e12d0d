"""A clinic that asks something before each session, and the tablet on which it may be answered."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tests.cast import CHRIS, DANA
from tests.clinic import Clinic

BEFORE = ("phq-9", "gad-7")
AFTER = ("session-checkin", "session-checkin-mirror")


def plan_to_ask(clinic: Clinic, *before: str, paper: tuple[str, ...] = ()) -> None:
    """The manager decides what is asked; the session forms stay."""
    plan = clinic.api("feedback", CHRIS, "GET", "/v1/plan")
    entries = [{"measure_id": name, "way": "paper" if name in paper else "form"} for name in (*before, *paper, *AFTER)]
    clinic.api("feedback", CHRIS, "PUT", "/v1/plan", {"entries": entries}, version=plan["version"])
    clinic.settle()


def booked_today(clinic: Clinic, client_id: UUID, at: str = "2026-11-23T15:00") -> Mapping[str, Any]:
    """An hour so near that what it begins with is asked already."""
    booked: Mapping[str, Any] = clinic.book(client_id, at=at)
    clinic.settle()
    return booked


def offers_before(clinic: Clinic, client_id: UUID) -> list[Mapping[str, Any]]:
    """What is out before a session, in the order in which it is asked."""
    found = clinic.api("feedback", DANA, "GET", f"/v1/offers?client_id={client_id}&side=client&state=open")["items"]
    return [offer for offer in found if offer["moment"] == "before"]


def new_tablet(clinic: Clinic, label: str = "Waiting room") -> Mapping[str, Any]:
    """The manager adds a tablet; its token is told this once."""
    made: Mapping[str, Any] = clinic.api("feedback", CHRIS, "POST", "/v1/kiosks", {"label": label})
    return made


def new_code(clinic: Clinic, offer_id: object) -> str:
    """The desk makes a code."""
    return str(clinic.api("feedback", DANA, "POST", f"/v1/offers/{offer_id}/code", {})["code"])


def wrong(code: str) -> str:
    """Another code than this one."""
    return f"{(int(code) + 1) % 1_000_000:06}"
