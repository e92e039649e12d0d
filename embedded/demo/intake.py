"""Intake's commands as the demo clinic's front desk uses them."""

from datetime import date, datetime, timedelta
from uuid import UUID

from embedded.demo.cast import Person as DemoPerson
from services.intake.allocation import commands as care
from services.intake.consents.domain import ConsentAnswer, Purpose
from services.intake.deputies import commands as deputies
from services.intake.people.domain.clients import Client, ClientState
from services.intake.people.domain.person import Person
from services.intake.people.queries import list_clients
from services.intake.referrals import commands as referrals
from services.intake.referrals.domain.referral import NewReferral, Referral
from shared.database import Tx
from shared.scope import Scope, system_scope

TEXT_VERSION = "2026-01"
_REFERRALS: dict[UUID, Referral] = {}


def desk(by: UUID) -> Scope:
    """The front desk at work."""
    return Scope(by, frozenset({"front_desk", "manager"}), "care", "demo")


def refer(tx: Tx, person: DemoPerson, *, by: UUID, now: datetime) -> UUID:
    """A referral arrives; gives the client's id."""
    new = NewReferral(
        Person(person.given_name, person.family_name, date.fromisoformat(person.born), email=_address(person)),
        person.source,
    )
    referral = referrals.receive_referral(tx, new, scope=desk(by), now=now)
    _REFERRALS[referral.client_id] = referral
    return referral.client_id


def accept(
    tx: Tx, client_id: UUID, *, feedback: bool, supervision: bool, research: bool, by: UUID, now: datetime
) -> None:
    """It is accepted, with consent to the record and, mostly, to feedback, supervision and research."""
    answers = [
        ConsentAnswer(Purpose.CARE_RECORD, given=True, text_version=TEXT_VERSION),
        ConsentAnswer(Purpose.FEEDBACK_FORMS, given=feedback, text_version=TEXT_VERSION),
        ConsentAnswer(Purpose.SUPERVISION, given=supervision, text_version=TEXT_VERSION),
        ConsentAnswer(Purpose.RESEARCH, given=research, text_version=TEXT_VERSION),
    ]
    referral = _REFERRALS.pop(client_id)
    referrals.accept_referral(tx, referral.referral_id, answers, scope=desk(by), now=now)


def allocate(tx: Tx, client_id: UUID, practitioner_id: UUID, *, by: UUID, now: datetime) -> None:
    """Client and practitioner are brought together."""
    care.allocate(tx, client_id, practitioner_id, scope=desk(by), now=now)


def in_therapy_with_others(tx: Tx, practitioner_id: UUID, *, now: datetime) -> Client:
    """Somebody whom a colleague of this practitioner treats."""
    everybody = list_clients(tx, state=ClientState.IN_THERAPY, scope=system_scope("demo"), now=now).found
    return next(client for client in everybody if client.practitioner_id != practitioner_id)


def name_deputy(tx: Tx, practitioner_id: UUID, deputy_id: UUID, *, now: datetime) -> None:
    """A colleague stands in for a therapist, today and for a week."""
    today = now.astimezone(tx.zone).date()
    own = Scope(practitioner_id, frozenset({"therapist"}), "care", "demo")
    deputies.name_deputy(tx, practitioner_id, deputy_id, today, today + timedelta(days=7), scope=own, now=now)


def _address(person: DemoPerson) -> str:
    plain = "".join(
        c for c in f"{person.given_name}.{person.family_name}".lower() if c.isascii() and (c.isalpha() or c == ".")
    )
    return f"{plain.strip('.')}@example.com"
