"""How a rule says no to something that was filled in: field by field, in words, without repeating the value."""

from collections.abc import Sequence
from typing import NamedTuple


class FieldError(NamedTuple):
    """What is wrong with one field; `field` is its path, like "client.birth_date" or "consents.0.purpose"."""

    field: str
    message: str


class FieldsRefused(ValueError):
    """One or more fields hold what the clinic cannot work with; `errors` names every one of them."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("not acceptable: " + ", ".join(sorted({error.field for error in errors})))
        self.errors = tuple(errors)


def refuse(field: str, message: str) -> FieldsRefused:
    return FieldsRefused([FieldError(field, message)])
