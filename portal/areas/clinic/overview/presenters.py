"""Rooms and crisis help in words."""

from dataclasses import dataclass
from datetime import date, timedelta

from portal.clients.feedback.client import CrisisInformation
from portal.kit.wording.times import plain_day

# In the order in which a person in danger needs them; as the feedback service names them.
CRISIS_FIELDS = {
    "emergency_number": ("Emergency number", "For somebody in danger now"),
    "emergency_place": ("Where to go in an emergency", "For example the nearest emergency department, with its street"),
    "crisis_name": ("Somebody to talk to", "The name of a crisis line"),
    "crisis_number": ("Its number", ""),
    "crisis_hours": ("Its hours", "For example: day and night"),
    "crisis_text": ("Help by text or chat", "For example: text HELLO to ..."),
    "clinic_hours": ("Our opening hours", ""),
    "clinic_phone": ("Our phone number", ""),
    "reading_promise": (
        "When answers are read",
        "Only what is always kept, for example: A member of staff reads this by the end of the next working day.",
    ),
}
_REVIEW_AFTER = timedelta(days=182)


@dataclass(frozen=True, slots=True)
class CrisisPanel:
    """What clients read, and how fresh it is."""

    block: tuple[str, ...]
    checked: str
    is_overdue: bool


def present_crisis(information: CrisisInformation, today: date) -> CrisisPanel:
    """The text as it stands on every form."""
    review = information.review_on
    due = f"was due for review on {plain_day(review)}" if review < today else f"next review by {plain_day(review)}"
    return CrisisPanel(information.block, f"Checked on {plain_day(information.checked_on)}, {due}.", review < today)


def values_of(information: CrisisInformation | None, today: date) -> dict[str, str]:
    """What the form begins with: the text as it is, and a check made today."""
    kept = {name: getattr(information, name) for name in CRISIS_FIELDS} if information else {}
    return kept | {"checked_on": today.isoformat(), "review_on": (today + _REVIEW_AFTER).isoformat()}
