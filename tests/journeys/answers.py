"""How sessions go: what the client and the therapist answer after them."""

from typing import Any
from uuid import UUID

from tests.cast import ANA, Staff
from tests.clinic import Clinic

GOOD = {"b1": 8, "g1": 8, "t1": 8, "e1": 8, "o1": 8, "r1": "no", "s1": "now"}
BAD = {"b1": 3, "g1": 4, "t1": 3, "e1": 3, "o1": 3, "r1": "yes", "r2": "not_mentioned", "s1": "now"}
BETTER = {"b1": 6, "g1": 6, "t1": 6, "e1": 6, "o1": 6, "r1": "a_little", "r2": "mentioned", "s1": "now"}
MIRROR = {"t_b1": 8, "t_g1": 8, "t_t1": 8, "t_e1": 8, "t_o1": 8, "t_r1": "no"}


def live_through(clinic: Clinic, client_id: UUID, at: str, answers: dict[str, Any], *, therapist: Staff = ANA) -> None:
    """One more session: booked, held, both forms filled in."""
    clinic.hold(clinic.book(client_id, therapist, at=at))
    mirror = clinic.offer(client_id, "therapist", by=therapist)
    clinic.api("feedback", therapist, "POST", f"/v1/offers/{mirror['id']}/answers", {"answers": MIRROR})
    clinic.fill_in(client_id, **answers)


def course_until_rupture(clinic: Clinic, client_id: UUID, *, therapist: Staff = ANA) -> None:
    """Three good sessions, then one that goes badly."""
    for day, answers in (("23", GOOD), ("24", GOOD), ("25", GOOD), ("26", BAD)):
        live_through(clinic, client_id, f"2026-11-{day}T15:00", answers, therapist=therapist)
