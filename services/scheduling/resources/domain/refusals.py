"""How a rule of the clinic says no: a sentence that says what to do, and names nobody."""

from collections.abc import Sequence


class Refusal(Exception):
    """A rule of the clinic speaks against it; `errors` are the fields concerned, if any, each with a sentence."""

    def __init__(self, message: str, errors: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(message)
        self.errors = tuple(errors)


class FieldRefused(Refusal):
    """One field of what was asked cannot be used."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message, [(field, message)])
