"""Rights that take two people, in words: what waits for the second, and what one person decided alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from portal.kit.wording.codes import word
from portal.kit.wording.times import day_and_hour
from portal.request_context import RequestContext
from portal.security.accounts import staff_names
from portal.security.grants import Grant, granted_alone, pending
from shared.contracts import access
from shared.contracts.access import ROLES

_ON_TODAY = timedelta(days=14)
_ON_ACCOUNT = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class GrantLine:
    """One request, or one decision."""

    id: UUID
    sentence: str
    when: str
    may_decide: bool


@dataclass(frozen=True, slots=True)
class GrantNotices:
    """What this person should know: the sentences of what was decided alone, and how much waits for them."""

    alone: Sequence[str]
    waiting: int


def grant_notices(current: RequestContext, *, on_account: bool = False) -> GrantNotices:
    """For everybody who sees clients: what one person alone decided lately. For whoever may confirm: what waits."""
    if not current.may(access.RIGHTS_NOTICES):
        return GrantNotices((), 0)
    with current.transaction() as tx:
        alone = granted_alone(tx, current.now - (_ON_ACCOUNT if on_account else _ON_TODAY))
        waiting = [
            one for one in pending(tx) if current.may(access.CONFIRMING_RIGHTS) and may_decide(one, current.staff.id)
        ]
        names = staff_names(tx, {one.staff_id for one in alone} | {one.asked_by for one in alone})
    return GrantNotices([f"{_sentence(one, names)}, alone, on {_when(one, current)}." for one in alone], len(waiting))


def present_grants(current: RequestContext) -> list[GrantLine]:
    """All that wait, and which of them this person may decide."""
    with current.transaction() as tx:
        found = pending(tx)
        names = staff_names(tx, {one.staff_id for one in found} | {one.asked_by for one in found})
    return [
        GrantLine(one.id, f"{_wish(one, names)}.", _when(one, current), may_decide(one, current.staff.id))
        for one in found
    ]


def may_decide(grant: Grant, viewer: UUID) -> bool:
    """Tell whether this person may be the second one."""
    return viewer not in (grant.asked_by, grant.staff_id)


def _sentence(grant: Grant, names: Mapping[UUID, str]) -> str:
    who, whom = _name(grant.asked_by, names), _name(grant.staff_id, names)
    if grant.kind == "second_step_reset":
        return f"{who} reset the second step of {whom}"
    return f"{who} made {whom} {_roles(grant)}"


def _wish(grant: Grant, names: Mapping[UUID, str]) -> str:
    who, whom = _name(grant.asked_by, names), _name(grant.staff_id, names)
    if grant.kind == "second_step_reset":
        return f"{who} wants to reset the second step of {whom}"
    return f"{who} wants to make {whom} {_roles(grant)}"


def _roles(grant: Grant) -> str:
    return " and ".join(word(ROLES, role).lower() for role in grant.roles)


def _name(staff_id: UUID, names: Mapping[UUID, str]) -> str:
    return names.get(staff_id, "a colleague")


def _when(grant: Grant, current: RequestContext) -> str:
    return day_and_hour((grant.decided_at or grant.asked_at).astimezone(current.zone))
