"""
One client of Ana's with everything that has an id, and whoever may stand to her in any way.

Requests to the services are rehearsals: they run to their end on real rules and real tables, and
their transaction is rolled back, so that hundreds of them find the clinic as it was.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from uuid import UUID

from flask import Flask
from psycopg import Rollback

from shared.contracts.access import Relation
from shared.database import Database, Tx
from shared.trace import Trace
from shared.web.app import create_api
from tests.cast import ANA, BEN, CHRIS, DANA, LEAD, MARA, SAM, Staff
from tests.clinic import Clinic

T = TypeVar("T")
EVA = Staff(UUID("0197f6a0-0000-7000-8000-00000000003a"), "eva", "Eva Novak-Canary", ("therapist",))
FAY = Staff(UUID("0197f6a0-0000-7000-8000-00000000003b"), "fay", "Fay Ruiz-Canary", ("therapist",))


@dataclass(frozen=True)
class Asker:
    """Somebody in one role, who stands in one way to Ana's client; None: in no way."""

    name: str
    role: str
    actor: UUID | None
    relation: Relation | None
    purpose: str = "care"
    issuer: str = "portal"


ASKERS = (
    Asker("her therapist", "therapist", ANA.id, Relation.TREATING),
    Asker("their deputy", "therapist", BEN.id, Relation.DEPUTY),
    Asker("her former therapist", "therapist", EVA.id, None),
    Asker("a therapist in an emergency", "therapist", FAY.id, Relation.EMERGENCY, "emergency"),
    Asker("the same therapist, for the purpose of care", "therapist", FAY.id, None),
    Asker("the supervisor", "supervisor", SAM.id, Relation.SUPERVISING, "supervision"),
    Asker("the same supervisor, for the purpose of care", "supervisor", SAM.id, None),
    Asker("the front desk", "front_desk", DANA.id, Relation.CLINIC),
    Asker("the manager", "manager", CHRIS.id, Relation.CLINIC),
    Asker("the clinical lead", "clinical_lead", LEAD.id, Relation.CLINIC),
    Asker("an operator", "operator", None, None, issuer="operator"),
    Asker("an integrator", "integrator", None, None, issuer="operator"),
)


class Rehearsal(Database):
    """The same database, in which nothing that a request does remains."""

    def run(self, work: Callable[[Tx], T], *, trace: Trace | None = None, within: float | None = None) -> T:
        done: list[T] = []
        with suppress(Rollback), self.transaction(trace=trace, within=within) as tx:
            done.append(work(tx))
            tx.flush()
            raise Rollback
        return done[0]


@contextmanager
def rehearsing(clinic: Clinic) -> Iterator[dict[str, Flask]]:
    """The APIs of the services, for rehearsals."""
    apps: dict[str, Flask] = {}
    pools = []
    for name, floor in clinic.house.floors.items():
        real = floor.database
        pool = Rehearsal(real.url, name="rehearsal", size=2, vault=real.vault, zone=real.zone).open()
        pools.append(pool)
        parts = floor.app.extensions["rapport"].parts
        apps[name] = create_api(floor.service, replace(parts, database=pool))
    yield apps
    for pool in pools:
        pool.close()


def anas_client(clinic: Clinic) -> dict[str, Any]:
    """The ids of everything about one client, who was Eva's before and is Ana's; Ben is Ana's deputy."""
    clinic.open_forms()
    for one in (EVA, FAY):
        clinic.api("scheduling", CHRIS, "PUT", f"/v1/practitioners/{one.id}", {"zone": "Europe/London"})
    clinic.settle()
    client_id = clinic.client_of(EVA, MARA)
    clinic.api("intake", LEAD, "POST", f"/v1/clients/{client_id}/allocations", {"practitioner_id": str(ANA.id)})
    clinic.consent(client_id, "supervision", given=True)
    clinic.api(
        "feedback", LEAD, "PUT", "/v1/supervisions", {"practitioner_id": str(ANA.id), "supervisor_ids": [str(SAM.id)]}
    )
    clinic.settle()
    held = clinic.hold(clinic.book(client_id))
    clinic.fill_in(client_id, b1=5, g1=5, t1=5, e1=5, r1="yes", s1="now")
    entry = {
        "appointment_id": held["id"],
        "measure_id": "phq-9",
        "measure_version": 1,
        "channel": "paper",
        "answers": {"q9": 2},
    }
    clinic.api("feedback", ANA, "POST", f"/v1/clients/{client_id}/check-ins", entry)
    weekly = {
        "client_id": str(client_id),
        "practitioner_id": str(ANA.id),
        "type_code": "individual",
        "modality": "video",
        "local_start": "2026-12-07T15:00",
        "minutes": 50,
        "weeks": 3,
    }
    series = clinic.api("scheduling", ANA, "POST", "/v1/series", weekly)
    note = clinic.api(
        "feedback", ANA, "POST", f"/v1/clients/{client_id}/reach-out", {"kind": "not_now", "reason": "other"}
    )
    clinic.hold(clinic.book(client_id, at="2026-12-01T15:00"))  # its forms stay open
    day = str(clinic.clock().date())
    deputy = {"practitioner_id": str(ANA.id), "deputy_id": str(BEN.id), "first_day": day, "last_day": day}
    deputising = clinic.api("intake", LEAD, "POST", "/v1/deputies", deputy)
    clinic.settle()
    course = clinic.api("feedback", ANA, "GET", f"/v1/clients/{client_id}/course")
    received = clinic.api("feedback", ANA, "GET", f"/v1/offers?client_id={client_id}&side=client&state=received")
    [referral] = clinic.api("intake", DANA, "GET", "/v1/referrals")["items"]
    [risk] = clinic.api("feedback", ANA, "GET", "/v1/risk-answers")["items"]
    return {
        "client_id": client_id,
        "subject_id": client_id,
        "actor_id": ANA.id,
        "spoken_code": referral["spoken_code"],
        "appointment_id": held["id"],
        "series_id": series["id"],
        "offer_id": clinic.offer(client_id, "therapist", by=ANA)["id"],
        "open_offer_id": clinic.offer(client_id, by=ANA)["id"],
        "checkin_id": received["items"][0]["id"],
        "episode_id": course["episodes"][0]["id"],
        "referral_id": referral["id"],
        "risk_id": risk["id"],
        "note_id": note["id"],
        "deputising_id": deputising["id"],
        "measure_id": "phq-9",
        "version": clinic.api("feedback", LEAD, "GET", "/v1/rules")["newest"],
    }
