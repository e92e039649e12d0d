"""The areas in the navigation, those the person may open."""

from dataclasses import dataclass

from flask import request, url_for

from portal.request_context import RequestContext
from portal.security.permissions import PAGES

# area -> (words, endpoint, screens that belong to it)
AREAS: dict[str, tuple[str, str, frozenset[str]]] = {
    "today": ("Today", "today.show", frozenset({"today", "check_ins", "risk"})),
    "people": (
        "People",
        "people.index",
        frozenset(
            {
                "people",
                "person",
                "booking",
                "entries",
                "records",
                "prepare",
                "together",
                "ending",
                "earlier",
                "seen",
                "emergency",
                "deputies",
            }
        ),
    ),
    "caseload": ("Caseload", "caseload.show", frozenset({"caseload", "episodes"})),
    "supervision": ("Supervision", "supervision.show", frozenset({"supervision"})),
    "reach_out": ("Reach out", "reach_out.show", frozenset({"reach_out"})),
    "referrals": ("Referrals", "referrals.index", frozenset({"referrals"})),
    "clinic": (
        "Clinic",
        "clinic.show",
        frozenset(
            {
                "clinic",
                "exports",
                "figures",
                "grants",
                "kiosks",
                "measures",
                "plan",
                "supervisors",
                "reading_rules",
                "review",
            }
        ),
    ),
    "staff": ("Staff", "staff.index", frozenset({"staff"})),
    "events": ("Events", "events.catalogue", frozenset({"events"})),
}
# Screens outside of the navigation, with the reason.
LEFT_OUT = {
    "assets": "files, not pages",
    "home": "leads to the first area",
    "sign_in": "where one comes in",
    "set_up": "used once",
    "own_account": "behind the person's own name",
    "second_step": "behind the person's own account",
    "proof": "where one shows again who one is",
    "health": "for machines",
}


@dataclass(frozen=True, slots=True)
class Area:
    """One entry."""

    words: str
    href: str
    icon: str
    is_current: bool


def areas(context: RequestContext) -> list[Area]:
    """What the person may open, in order."""
    return [
        Area(words, url_for(endpoint), name, request.blueprint in screens)
        for name, (words, endpoint, screens) in AREAS.items()
        if context.known_staff and context.may(PAGES[name])
    ]
