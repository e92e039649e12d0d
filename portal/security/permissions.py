"""Which roles a view is for. A view that does not say so stops the program before it starts."""

from collections.abc import Callable, Collection
from typing import Any, TypeVar

from flask import Flask

ROLES = {
    "front_desk": "Front desk",
    "therapist": "Therapist",
    "supervisor": "Supervisor",
    "clinical_lead": "Clinical lead",
    "manager": "Practice manager",
    "operator": "Operator",
    "integrator": "Integrator",
}


DESK = frozenset({"front_desk", "manager"})
CARE = frozenset({"therapist", "clinical_lead"})


PAGES: dict[str, frozenset[str]] = {
    "today": DESK | CARE,
    "people": DESK | CARE,
    "caseload": CARE,
    "reach_out": CARE,
    "supervision": frozenset({"supervisor", "therapist"}),
    "referrals": DESK | {"clinical_lead"},
    "clinic": frozenset({"manager", "clinical_lead"}),
    "staff": frozenset({"manager"}),
    "events": frozenset({"integrator", "operator", "manager"}),
}


# How the relationship is going is between client and therapist, and the clinical lead who answers for the care.
READINGS = CARE


# A supervisor opens the packs of those they supervise, by codes; no people, no caseload.
SUPERVISING = frozenset({"supervisor"})


# How readings are made is decided by whoever answers for the care.
RULES = frozenset({"clinical_lead"})


# Figures of the whole clinic leave by whom answers for the care; a course by whom may read it.
EXPORTING = frozenset({"clinical_lead"})


# A clinical lead takes an episode on from its therapist, or gives it back.
FOLLOWING_THROUGH = frozenset({"clinical_lead"})
BOOKING = DESK | {"therapist"}
ALLOCATING = frozenset({"manager", "clinical_lead"})
CONSENTS = DESK | CARE
HANDING_OVER = CARE | {"front_desk"}
ENDING = CARE | {"manager"}
TABLETS = frozenset({"manager"})
PLANNING = frozenset({"manager", "clinical_lead"})
WHOLE_HOUSE = frozenset({"front_desk", "manager", "clinical_lead"})


# How the backups stand concerns whoever runs the clinic and whoever runs its machines.
LOOKING_AFTER = frozenset({"manager", "operator"})


def may(roles: Collection[str], allowed: frozenset[str]) -> bool:
    """Tell whether one of these roles is enough."""
    return not allowed.isdisjoint(roles)


def home(roles: Collection[str]) -> str:
    """The page to begin with: the first that opens."""
    return next((page for page, allowed in PAGES.items() if may(roles, allowed)), "welcome")


View = TypeVar("View", bound=Callable[..., Any])
EVERYONE: frozenset[str] = frozenset({"*"})
ANY_STAFF: frozenset[str] = frozenset({"staff"})


class RouteWithoutPermission(Exception):
    """A route does not say whom it is for."""


def requires(allowed: frozenset[str]) -> Callable[[View], View]:
    """Declare the roles a view is for, or EVERYONE, or ANY_STAFF."""

    def mark(view: View) -> View:
        view.allowed_roles = allowed  # type: ignore[attr-defined]
        return view

    return mark


def allowed_roles(app: Flask, endpoint: str | None) -> frozenset[str] | None:
    """Whom the view behind an endpoint is for; None where there is no such view."""
    view = app.view_functions.get(endpoint or "")
    found: frozenset[str] | None = getattr(view, "allowed_roles", None)
    return found


def check_routes(app: Flask) -> None:
    """Refuse to start while a route has not declared its roles; raises RouteWithoutPermission."""
    undeclared = [rule.rule for rule in app.url_map.iter_rules() if allowed_roles(app, rule.endpoint) is None]
    if undeclared:
        raise RouteWithoutPermission(f"routes without declared roles: {', '.join(sorted(undeclared))}")
