"""
What a scope opens here.

Clinical rows (totals, answers, readings, episodes, wishes): the client's present
therapist, who stands in for them, whoever opened this client in an emergency, and clinical leads. Packs: the
therapist whose work it is, and who supervises them now. Desk rows (that a form is offered, and its state): these
and the front desk. The check-in app comes in by a handle alone, never by these.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.database import Tx
from shared.scope import Scope, system_scope

# Put after WHERE or AND; the row's table must be called t and have a client_id.
VISIBLE = """(%(sees_all)s OR t.client_id = %(opened)s::uuid OR EXISTS (
    SELECT 1 FROM allocation a
     WHERE a.client_id = t.client_id AND a.practitioner_id = ANY(%(sees_own)s::uuid[]) AND a.ended_at IS NULL))"""

# What two people said about their work stays between them when the client goes on to somebody else (docs/adr/0012);
# answers on how somebody is go along with the treatment. Put beside VISIBLE; t is the course that it belongs to.
BETWEEN_THE_TWO = """(%(sees_all)s OR t.construct <> 'alliance' OR t.client_id = %(opened)s::uuid
    OR t.practitioner_id = ANY(%(sees_own)s::uuid[]))"""

# As VISIBLE, for what a supervision pack is made of; t needs a practitioner_id, too. The client has said yes to
# supervision and is this therapist's own, or was until the end of therapy: who has a new therapist is in their packs.
IN_A_PACK = """((t.practitioner_id = %(own_work)s::uuid OR EXISTS (
    SELECT 1 FROM supervision s
     WHERE s.practitioner_id = t.practitioner_id AND s.supervisor_id = %(supervises)s::uuid AND s.until_at IS NULL))
  AND EXISTS (SELECT 1 FROM consent y
               WHERE y.client_id = t.client_id AND y.purpose = 'supervision' AND y.state = 'given')
  AND t.practitioner_id = (SELECT a.practitioner_id FROM allocation a WHERE a.client_id = t.client_id
                            ORDER BY a.ended_at DESC NULLS FIRST, a.allocated_at DESC LIMIT 1))"""
SUPERVISION = "supervision"  # the purpose to ask for; a supervisor's role opens nothing for any other


def clinical(scope: Scope) -> dict[str, Any]:
    """Parameters of VISIBLE for clinical rows."""
    return _params(scope, sees_all=scope.is_system or scope.has("clinical_lead"))


def desk(scope: Scope) -> dict[str, Any]:
    """Parameters of VISIBLE for rows that say only that a form is out."""
    return _params(scope, sees_all=scope.is_system or scope.has("clinical_lead", "front_desk"))


# The same for exports, which ask for a client and a practitioner: all who consent to research
# today, or the therapist's own present clients with their own sessions.
EXPORTED = """((%(by_consent)s AND EXISTS (
    SELECT 1 FROM consent k WHERE k.client_id = t.client_id AND k.purpose = 'research' AND k.state = 'given'))
  OR (t.practitioner_id = %(own)s::uuid AND EXISTS (
    SELECT 1 FROM allocation a
     WHERE a.client_id = t.client_id AND a.practitioner_id = %(own)s::uuid AND a.ended_at IS NULL)))"""


def exported(scope: Scope, *, by_consent: bool) -> dict[str, Any]:
    """Parameters of EXPORTED; a scope whose roles are no basis opens nothing."""
    return {
        "by_consent": by_consent and scope.has("clinical_lead"),
        "own": scope.actor if not by_consent and scope.has("therapist") else None,
    }


def may_open_forms(scope: Scope) -> bool:
    """True for the check-in app, and for this service's own work."""
    return scope.is_system or scope.has("checkin")


def packs(scope: Scope) -> dict[str, Any]:
    """Parameters of IN_A_PACK: role, relationship and purpose together."""
    supervises = scope.has("supervisor") and scope.purpose == SUPERVISION
    return {
        "own_work": scope.actor if scope.has("therapist") else None,
        "supervises": scope.actor if supervises else None,
    }


def _params(scope: Scope, *, sees_all: bool) -> dict[str, Any]:
    own = scope.acts_for if scope.has("therapist") else []
    return {"sees_all": sees_all, "sees_own": own, "opened": scope.opened}


def treats(scope: Scope, practitioner_id: UUID) -> bool:
    """Tell whether the asker is this client's own therapist."""
    return scope.has("therapist") and scope.actor == practitioner_id


# What this service does by itself, whoever set it off, such as reading a course.
THIS_SERVICE = system_scope("read a course")


def note_opened(tx: Tx, scope: Scope, client_ids: Iterable[UUID], *, now: datetime) -> None:
    """Keep that the asker has seen these clients' answers: their course, a check-in, an export with them."""
    if scope.actor is None:
        return
    tx.defer(
        "INSERT INTO answers_opened (client_id, actor, opened_at) "
        "SELECT client_id, %s, %s FROM unnest(%s::uuid[]) AS client_id "
        "ON CONFLICT (client_id, actor) DO UPDATE SET opened_at = excluded.opened_at "
        "WHERE answers_opened.opened_at < excluded.opened_at",
        (scope.actor, now, sorted(set(client_ids))),  # one order for all, so that two exports cannot deadlock
    )
