"""
Whom to turn to in a crisis: the clinic's own numbers, on every page of every form.

The product never promises that somebody is watching; when answers are read is the
clinic's own approved sentence. Nothing here has a default: a wrong number is worse than a
form that does not open.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta

REVIEW_AFTER = timedelta(days=366)
_MAX_LENGTH = 300


class CrisisInformationIncomplete(ValueError):
    """A number or sentence is missing; `problems` maps names to what is wrong."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("crisis information incomplete: " + ", ".join(sorted(problems)))
        self.problems = dict(problems)

    @property
    def errors(self) -> list[tuple[str, str]]:
        """Each field with its sentence."""
        return list(self.problems.items())


@dataclass(frozen=True, slots=True)
class CrisisInformation:
    """What the block shown on every form says, and when somebody last checked that it is right."""

    emergency_number: str
    emergency_place: str
    crisis_name: str
    crisis_number: str
    crisis_hours: str
    crisis_text: str
    clinic_hours: str
    clinic_phone: str
    reading_promise: str
    checked_on: date
    review_on: date

    def block(self) -> list[str]:
        """The paragraphs that are always visible."""
        values = asdict(self)
        return [paragraph.format(**values) for paragraph in _BLOCK]

    def after_risk(self) -> list[str]:
        """The paragraphs for someone who told of thoughts of hurting themselves; the block follows them."""
        return [paragraph.format(reading_promise=self.reading_promise) for paragraph in _AFTER_RISK]


PLACEHOLDERS = tuple(f.name for f in fields(CrisisInformation) if f.type is str)

_DANGER = (
    "If you are in danger, or feel you might act on thoughts of hurting yourself, please do not wait for us: "
    "call {emergency_number} or go to {emergency_place}."
)
_SOMEONE = "To talk to someone: {crisis_name}, {crisis_number} ({crisis_hours}). By text or chat: {crisis_text}."
_CLINIC = (
    "In our opening hours ({clinic_hours}) you can reach us on {clinic_phone}. "
    "This form is not watched round the clock. {reading_promise}"
)
_TOLD = (
    "You have let us know about thoughts of hurting yourself or of not wanting to live. Many people have such "
    "thoughts when things are very hard, and you do not have to carry them alone. {reading_promise} "
    "If it feels urgent before then, please use these numbers:"
)
_AFTER_RISK = ("Thank you for telling us.", _TOLD)
_BLOCK = ("Need help now?", _DANGER, _SOMEONE, _CLINIC)


def crisis_information(given: Mapping[str, str], *, checked_on: date, review_on: date) -> CrisisInformation:
    """
    Check what a clinic enters.

    Raises:
        CrisisInformationIncomplete: a placeholder is empty or over 300 characters, or the
            review is not within a year of the check.
    """
    problems = {}
    for name in PLACEHOLDERS:
        value = given.get(name, "").strip()
        if not value:
            problems[name] = "Must not be empty: the form shows it to people in danger."
        elif len(value) > _MAX_LENGTH:
            problems[name] = f"Must be at most {_MAX_LENGTH} characters."
    if not checked_on < review_on <= checked_on + REVIEW_AFTER:
        problems["review_on"] = "Must lie within a year after the check."
    if problems:
        raise CrisisInformationIncomplete(problems)
    return CrisisInformation(
        **{name: given[name].strip() for name in PLACEHOLDERS}, checked_on=checked_on, review_on=review_on
    )


# For demonstrations and tests: numbers set aside for fiction that reach nobody (Ofcom,
# "Telephone numbers for use in TV and radio drama programmes").
FICTIONAL: Mapping[str, str] = {
    "emergency_number": "000 (a made-up number)",
    "emergency_place": "the made-up hospital on Example Street",
    "crisis_name": "Example Helpline (made up)",
    "crisis_number": "01632 960 001 (reaches nobody)",
    "crisis_hours": "day and night, in this made-up clinic only",
    "crisis_text": "text HELLO to 07700 900 001 (reaches nobody)",
    "clinic_hours": "Monday to Friday, 9 to 5",
    "clinic_phone": "01632 960 002 (reaches nobody)",
    "reading_promise": "A member of staff reads this by the end of the next working day.",
}


class CrisisInformationMissing(Exception):
    """The clinic has not yet entered whom to turn to in a crisis; until then no link is made."""
