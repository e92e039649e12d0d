"""A deputy is named, and stops."""

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from services.intake.allocation.store import practitioner_is_known
from services.intake.deputies import events, store
from services.intake.deputies.domain import Deputising, DeputisingUnknown, check_may_name, days_as_moments, end
from services.intake.people.domain.refusals import refuse
from shared.database import Tx
from shared.ids import uuid7
from shared.outbox import publish
from shared.scope import Scope
from shared.security import audit


def name_deputy(
    tx: Tx, practitioner_id: UUID, deputy_id: UUID, first: date, last: date, *, scope: Scope, now: datetime
) -> Deputising:
    """
    Let a colleague do a therapist's work besides their own, from one day to another, both included.

    Raises:
        FieldsRefused: the days cannot be, one of the two is no practitioner, or a therapist names
            somebody for a colleague.
    """
    check_may_name(practitioner_id, actor=scope.actor, leads=scope.has("clinical_lead"))
    begins_at, ends_at = days_as_moments(practitioner_id, deputy_id, first, last, now=now, zone=tx.zone)
    for field, staff_id in (("practitioner_id", practitioner_id), ("deputy_id", deputy_id)):
        if not practitioner_is_known(tx, scope, staff_id):
            raise refuse(field, "is not a practitioner of this clinic")
    deputising = Deputising(uuid7(), 1, practitioner_id, deputy_id, begins_at, ends_at, now)
    store.add_deputising(tx, deputising, by=scope.actor)
    publish(tx, events.deputy_named(deputising))
    audit.record(tx, scope, "deputy.name", about=[practitioner_id, deputy_id], fields=["days"], now=now)
    return deputising


def end_deputy(tx: Tx, deputising_id: UUID, *, scope: Scope, now: datetime) -> Deputising:
    """
    End it before its last day; each of the two may, and a clinical lead.

    Raises:
        DeputisingUnknown, DeputisingOver.
    """
    deputising = store.lock_deputising(tx, scope, deputising_id)
    if deputising is None:
        raise DeputisingUnknown("there is no such arrangement")
    ended = replace(deputising, version=deputising.version + 1, ends_at=end(deputising, now))
    store.end_deputising(tx, ended)
    publish(tx, events.deputy_ended(ended, at=now))
    about = [ended.practitioner_id, ended.deputy_id]
    audit.record(tx, scope, "deputy.end", about=about, fields=["days"], now=now)
    return ended
