"""Which roles a view is for. A view that does not say so stops the program before it starts."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask

View = TypeVar("View", bound=Callable[..., Any])
EVERYONE: frozenset[str] = frozenset({"*"})
ANY_STAFF: frozenset[str] = frozenset({"staff"})


class DoorWithoutLock(Exception):
    """A route does not say whom it is for."""


def opens_for(allowed: frozenset[str]) -> Callable[[View], View]:
    """Declare the roles a view is for, or EVERYONE, or ANY_STAFF."""

    def mark(view: View) -> View:
        view.opens_for = allowed  # type: ignore[attr-defined]
        return view

    return mark


def allowed_roles(app: Flask, endpoint: str | None) -> frozenset[str] | None:
    """Whom the view behind an endpoint is for; None where there is no such view."""
    view = app.view_functions.get(endpoint or "")
    found: frozenset[str] | None = getattr(view, "opens_for", None)
    return found


def check_doors(app: Flask) -> None:
    """Refuse to start while a route has not declared its roles; raises DoorWithoutLock."""
    open_doors = [rule.rule for rule in app.url_map.iter_rules() if allowed_roles(app, rule.endpoint) is None]
    if open_doors:
        raise DoorWithoutLock(f"routes without declared roles: {', '.join(sorted(open_doors))}")
