"""Which rule of access a view is under. A view that does not say so stops the program before it starts."""

from collections.abc import Callable, Collection
from typing import Any, TypeVar

from flask import Flask

from portal.security.sign_ins import Stage
from shared.access import Rule
from shared.contracts import access
from shared.contracts.access import ROLES, Relation

# The areas of the navigation, in order; the rules themselves stand in shared/contracts/access.py.
PAGES: dict[str, Rule] = {
    "today": access.DAY,
    "people": access.PERSON,
    "caseload": access.CASELOAD,
    "reach_out": access.CASELOAD,
    "supervision": access.PACKS,
    "referrals": access.REFERRALS,
    "clinic": access.THE_CLINIC,
    "staff": access.ACCOUNTS,
    "events": access.EVENTS,
}


def home(roles: Collection[str]) -> str:
    """The page to begin with: the first that opens."""
    return next((page for page, rule in PAGES.items() if rule.is_for(roles)), "welcome")


View = TypeVar("View", bound=Callable[..., Any])
EVERYONE = Rule("Whoever comes by", {"*": frozenset({Relation.HOUSE})})
ANY_STAFF = Rule("Whoever is signed in", dict.fromkeys(ROLES, frozenset({Relation.HOUSE})))


class RouteWithoutPermission(Exception):
    """A route does not say whom it is for."""


def requires(rule: Rule, *, at: Collection[Stage] = (Stage.IN,), fresh: bool = False) -> Callable[[View], View]:
    """
    Declare the rule a view is under.

    Args:
        rule: One of shared/contracts/access.py, or EVERYONE, or ANY_STAFF.
        at: At which stages of a sign-in it opens.
        fresh: Only after its owner has proved to be there within the last minutes: what takes data
            along, grants rights or changes an account.
    """

    def mark(view: View) -> View:
        view.rule = rule  # type: ignore[attr-defined]
        view.stages = frozenset(at)  # type: ignore[attr-defined]
        view.wants_fresh_proof = fresh  # type: ignore[attr-defined]
        return view

    return mark


def rule_of(app: Flask, endpoint: str | None) -> Rule | None:
    """The rule that the view behind an endpoint is under; None where there is no such view."""
    view = app.view_functions.get(endpoint or "")
    found: Rule | None = getattr(view, "rule", None)
    return found


def stages(app: Flask, endpoint: str | None) -> frozenset[Stage]:
    """At which stages of a sign-in the view behind an endpoint opens."""
    found: frozenset[Stage] = getattr(app.view_functions.get(endpoint or ""), "stages", frozenset({Stage.IN}))
    return found


def wants_fresh_proof(app: Flask, endpoint: str | None) -> bool:
    """Tell whether the view behind an endpoint asks for proof afresh."""
    return bool(getattr(app.view_functions.get(endpoint or ""), "wants_fresh_proof", False))


def check_routes(app: Flask) -> None:
    """Refuse to start while a route has not declared its rule; raises RouteWithoutPermission."""
    undeclared = [rule.rule for rule in app.url_map.iter_rules() if rule_of(app, rule.endpoint) is None]
    if undeclared:
        raise RouteWithoutPermission(f"routes without a rule of access: {', '.join(sorted(undeclared))}")
