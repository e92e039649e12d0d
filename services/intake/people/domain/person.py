"""A person as they introduce themselves, and the checks on what was filled in."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from services.intake.people.domain.contact import NotReachable, email_as_kept, phone_as_kept
from services.intake.people.domain.refusals import FieldError, FieldsRefused
from services.intake.people.domain.writing import NotWritable, name_as_kept, note_as_kept

BORN_AFTER = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class Person:
    """Identity and contact; the only values in Rapport that say who somebody is."""

    given_name: str
    family_name: str
    birth_date: date
    preferred_name: str | None = None
    phone: str | None = None
    email: str | None = None
    contact_note: str | None = None

    @property
    def display_name(self) -> str:
        """How staff see the person named: the name they want to be called by, and the family name."""
        return f"{self.preferred_name or self.given_name} {self.family_name}"


def person_as_kept(person: Person, *, today: date, path: str = "client") -> Person:
    """
    Check everything that was filled in, and give it back as it is to be stored.

    An optional field left blank counts as not filled in.

    Args:
        person: As it came in.
        today: The clinic's day; nobody is born after it.
        path: Where the fields stand in the form, for the messages.

    Raises:
        FieldsRefused: naming every field at fault.
    """
    errors: list[FieldError] = []

    def kept(field: str, text: str | None, check: Callable[[str], str]) -> str | None:
        if text is None:
            return None
        try:
            return check(text)
        except (NotWritable, NotReachable) as error:
            errors.append(FieldError(f"{path}.{field}", str(error)))
            return None

    def filled_in(text: str | None) -> str | None:
        return text if text and text.strip() else None

    if not BORN_AFTER <= person.birth_date <= today:
        message = "is in the future" if person.birth_date > today else f"is before {BORN_AFTER.year}"
        errors.append(FieldError(f"{path}.birth_date", message))
    checked = replace(
        person,
        given_name=kept("given_name", person.given_name, name_as_kept) or "",
        family_name=kept("family_name", person.family_name, name_as_kept) or "",
        preferred_name=kept("preferred_name", filled_in(person.preferred_name), name_as_kept),
        phone=kept("phone", filled_in(person.phone), phone_as_kept),
        email=kept("email", filled_in(person.email), email_as_kept),
        contact_note=kept("contact_note", filled_in(person.contact_note), note_as_kept),
    )
    if errors:
        raise FieldsRefused(errors)
    return checked
