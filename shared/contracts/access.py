"""
Who may do what with whom: role, relationship and purpose, in one place.

Permission is role AND relationship AND purpose. A role alone opens nothing clinical: it says which
rules somebody may ask by; the relation says for which clients. Services and portal declare one of
these rules on every operation and every page; one without a rule stops the start. That the services
then answer as it stands here is what `tests/architecture/test_access_matrix.py` shows, by real
requests; docs/security/access.md is this module in words.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from enum import StrEnum
from uuid import UUID

from shared.access import Rule
from shared.scope import Scope

# Staff roles, as an account has them, with their words.
ROLES = {
    "front_desk": "Front desk",
    "therapist": "Therapist",
    "supervisor": "Supervisor",
    "clinical_lead": "Clinical lead",
    "manager": "Practice manager",
    "operator": "Operator",
    "integrator": "Integrator",
}


class Relation(StrEnum):
    """How the asker stands to the client that something is about."""

    HOUSE = "house"  # it is about no client
    CLINIC = "clinic"  # a client of the clinic, whoever treats them
    TREATING = "treating"  # the client's therapist now
    DEPUTY = "deputy"  # stands in for that therapist, for some days
    EMERGENCY = "emergency"  # opened this one client, with a reason, for an hour
    SUPERVISING = "supervising"  # supervises that therapist, and the client agreed to it
    HANDLE = "handle"  # holds a link or a code to this one form


# The purposes that a token may name; where a relation asks for one, the role opens nothing for any other.
CARE, SUPERVISION, EMERGENCY = "care", "supervision", "emergency"
PURPOSE_OF = {Relation.SUPERVISING: SUPERVISION, Relation.EMERGENCY: EMERGENCY}

_HOUSE = frozenset({Relation.HOUSE})
_CLINIC = frozenset({Relation.CLINIC})
_TREATING = frozenset({Relation.TREATING})
_OWN = _TREATING | {Relation.DEPUTY}
_NOBODY: frozenset[Relation] = frozenset()
_OWN_OR_EMERGENCY = _OWN | {Relation.EMERGENCY}


def _house(what: str, *roles: str) -> Rule:
    return Rule(what, dict.fromkeys(roles, _HOUSE))


# What is said of, and between, clients and therapists.
COURSE = Rule(
    "How therapy goes: courses, answers, outcome, risk",
    {"therapist": _OWN_OR_EMERGENCY, "clinical_lead": _CLINIC},
)
CARE_WORK = Rule(
    "Working with it: episodes, entries, corrections, notes, plans",
    {"therapist": _OWN, "clinical_lead": _CLINIC},
)
FOLLOWING_THROUGH = Rule("Taking an episode on, or giving it back", {"clinical_lead": _CLINIC})
CASELOAD = Rule("A caseload", {"therapist": _OWN, "clinical_lead": _CLINIC})
RISK_READING = Rule(
    "Reading a risk answer, and saying what came of it",
    {"therapist": _OWN_OR_EMERGENCY, "clinical_lead": _CLINIC},
)
FORMS = Rule(
    "That a form is out, and handing it over: never an answer",
    {"therapist": _OWN, "clinical_lead": _CLINIC, "front_desk": _CLINIC},
)
OWN_IMPRESSION = Rule("One's own impression of a session", {"therapist": _TREATING})
FORM_OF_A_LINK = Rule("One form, by its link or code", {"checkin": frozenset({Relation.HANDLE})})
PACKS = Rule("Supervision packs, by code", {"therapist": _TREATING, "supervisor": frozenset({Relation.SUPERVISING})})
SUPERVISING = Rule("Keeping what was talked about in supervision", {"supervisor": frozenset({Relation.SUPERVISING})})
# Who the people are, and when they come.
PEOPLE = Rule(
    "Who somebody is: name, contact, consents, with whom they are",
    {
        "front_desk": _CLINIC,
        "manager": _CLINIC,
        "clinical_lead": _CLINIC,
        "therapist": _OWN_OR_EMERGENCY,
        "supervisor": _NOBODY,
    },
)
PERSON = Rule(
    "The page of a person, each part by its own rule",
    {"front_desk": _CLINIC, "manager": _CLINIC, "clinical_lead": _CLINIC, "therapist": _OWN_OR_EMERGENCY},
)
REFERRALS = Rule(
    "Referrals: write down, take on, decline", {"front_desk": _CLINIC, "manager": _CLINIC, "clinical_lead": _CLINIC}
)
REFERRAL = Rule(
    "One referral; what the referrer wrote by its own rule",
    {"front_desk": _CLINIC, "manager": _CLINIC, "clinical_lead": _CLINIC, "therapist": _OWN_OR_EMERGENCY},
)
REFERRAL_NOTE = Rule(  # a field of the answer, not an operation
    "What the referrer wrote", {"therapist": _OWN_OR_EMERGENCY, "clinical_lead": _CLINIC}
)
TRAIL = Rule("Who saw a client", {"therapist": _TREATING, "clinical_lead": _CLINIC})
CONSENTS = Rule(
    "Keeping a consent or its withdrawal",
    {"front_desk": _CLINIC, "manager": _CLINIC, "clinical_lead": _CLINIC, "therapist": _OWN},
)
ALLOCATION = Rule(
    "Bringing client and therapist together",
    {"front_desk": _CLINIC, "manager": _CLINIC, "clinical_lead": _CLINIC},
)
ENDING = Rule("Ending therapy", {"therapist": _TREATING, "manager": _CLINIC, "clinical_lead": _CLINIC})
DIARIES = Rule(
    "Hours: see, book, move, call off",
    {"front_desk": _CLINIC, "manager": _CLINIC, "clinical_lead": _CLINIC, "therapist": _OWN},
)
# Pages of the portal that put several of these together, or are narrower than the service behind them.
DAY = Rule(
    "The day: hours and what they bring, each part by its own rule",
    {"front_desk": _CLINIC, "manager": _CLINIC, "clinical_lead": _CLINIC, "therapist": _OWN},
)
BOOKING = Rule("Booking, moving, ticking off", {"front_desk": _CLINIC, "manager": _CLINIC, "therapist": _OWN})
AT_THE_DESK = Rule("What the front desk does for all", {"front_desk": _CLINIC, "manager": _CLINIC})
WHOLE_HOUSE = Rule("Everybody's day and people", {"front_desk": _CLINIC, "manager": _CLINIC, "clinical_lead": _CLINIC})
ALLOCATING = Rule("Finding a therapist, or changing them", {"manager": _CLINIC, "clinical_lead": _CLINIC})
EXPORTING = Rule("Exports of the whole clinic", {"clinical_lead": _CLINIC | _HOUSE})
# Of the house, about nobody.
OPENING_IN_AN_EMERGENCY = _house("Opening one client in an emergency, for an hour", "therapist")
REVIEWING_EMERGENCIES = _house("Looking again at what was opened in an emergency", "clinical_lead")
EMERGENCIES_SEEN = _house("Saying that one has seen it", "therapist", "clinical_lead")
TRAIL_OF_STAFF = _house(
    "What a member of staff looked at, and what stood out: never the content", "clinical_lead", "manager"
)
ACCOUNTS = _house("Accounts of staff", "manager")
CONFIRMING_RIGHTS = _house("Being the second person when rights are given", "manager", "clinical_lead")
RIGHTS_NOTICES = _house(
    "Reading who was given rights by one person alone", "therapist", "supervisor", "clinical_lead", "manager"
)
UPKEEP = _house("How the backups stand", "manager", "operator")
ROOMS = _house("Adding a room or a therapist to book", "manager")
THE_CLINIC = _house(
    "The clinic's own pages: figures, measures, crisis help, who supervises whom", "clinical_lead", "manager"
)
EVENTS = _house("The catalogue of events", "integrator", "operator", "manager")
DEPUTIES = _house("Who stands in for whom", "therapist", "clinical_lead", "manager")
DEPUTISING = _house("Naming a deputy, or ending it", "therapist", "clinical_lead")
CODE_LISTS = _house("The code lists", "front_desk", "manager", "clinical_lead", "therapist", "supervisor")
HOUSE_LISTS = _house(
    "Therapists and rooms", "front_desk", "manager", "clinical_lead", "therapist", "supervisor", "operator"
)
HOUSE_KEEPING = _house("Adding therapists and rooms", "manager", "operator")
MEASURES = _house(
    "Measures and crisis information",
    "therapist",
    "clinical_lead",
    "front_desk",
    "supervisor",
    "manager",
    "operator",
)
WORDINGS = _house("Bringing in the wording of a measure", "manager", "clinical_lead")
CRISIS_KEEPING = _house("Entering the crisis information", "manager", "clinical_lead", "operator")
PLAN = _house("The collection plan", "therapist", "clinical_lead", "front_desk", "manager")
PLANNING = _house("Changing the collection plan", "manager", "clinical_lead")
TABLETS = _house("Tablets of the waiting room", "manager")
RULES_READING = _house("By which rules readings are made", "therapist", "clinical_lead", "manager")
RULES = Rule("Other rules, and whose reading they would change", {"clinical_lead": _CLINIC | _HOUSE})
FIGURES = _house("Figures of the clinic", "clinical_lead", "manager")
SUPERVISORS = _house("Who supervises whom", "clinical_lead", "manager")
SUPERVISIONS = _house("One's own supervisions", "therapist", "supervisor", "clinical_lead", "manager")
EXPORTS = Rule(
    "Exports without names: one's own clients, or all who consent to research",
    {"therapist": _TREATING | _HOUSE, "clinical_lead": _CLINIC | _HOUSE},
)
EXPORT_OF_ONE = Rule("One client's course or words to take along", {"therapist": _TREATING, "clinical_lead": _CLINIC})


def with_relations(scope: Scope, rule: Rule, stands_for: Callable[[UUID], Iterable[UUID]]) -> Scope:
    """
    The scope of a request, with how the asker stands to clients beyond their role, as far as the rule counts it.

    Args:
        scope: As its token says.
        rule: Of the operation.
        stands_for: The therapists whom somebody stands in for now.
    """
    if scope.actor is None:
        return replace(scope, opened=None)
    deputises = scope.has("therapist") and rule.opens(("therapist",), Relation.DEPUTY)
    opens = scope.purpose == EMERGENCY and rule.opens(scope.roles, Relation.EMERGENCY)
    return replace(
        scope,
        stands_for=frozenset(stands_for(scope.actor)) if deputises else frozenset(),
        opened=scope.opened if opens else None,
    )


def rules() -> Iterator[tuple[str, Rule]]:
    """Every rule with its name in here, in order."""
    return ((name, value) for name, value in globals().items() if isinstance(value, Rule))
