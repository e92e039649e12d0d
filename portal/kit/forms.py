"""Forms: what was typed, what is wrong with it, and how a service's refusal becomes words at a field."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from uuid import UUID

from flask import redirect
from werkzeug.wrappers import Response

from portal.clients.service_client import ServiceRefused
from portal.kit.wording.refusals import refusal_sentence

_MOST_DIGITS = 6  # no number that people type here is longer; Python refuses to read endless ones


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to put right; `field` is the id of the input, empty for the form as a whole."""

    field: str
    message: str


@dataclass(slots=True)
class Filled:
    """What somebody typed into a form, and the problems found while reading it."""

    values: Mapping[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def get(self, name: str) -> str:
        """The value as typed, without space around it; empty when there is none."""
        return self.values.get(name, "").strip()

    def problem(self, name: str) -> str | None:
        """The first problem of a field."""
        return next((p.message for p in self.problems if p.field == name), None)

    def refuse(self, name: str, message: str) -> None:
        self.problems.append(Problem(name, message))

    def text(self, name: str, missing: str, *, most: int = 200) -> str:
        value = self.get(name)
        if not value:
            self.refuse(name, missing)
        elif len(value) > most:
            self.refuse(name, f"Use at most {most} characters")
        return value

    def choice(self, name: str, options: Iterable[str], missing: str) -> str:
        """One of the offered codes."""
        value = self.get(name)
        if value not in set(options):
            self.refuse(name, missing)
        return value

    def number(self, name: str, low: int, high: int, missing: str) -> int:
        value = self.get(name)
        is_short = value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS
        if not is_short or not low <= int(value) <= high:
            self.refuse(name, missing)
            return low
        return int(value)

    def version(self) -> int:
        """The version of what was shown, from the hidden field."""
        return self.number("version", 0, 999_999, "Reload the page and try again")

    def day(self, name: str, missing: str) -> date | None:
        """A date from one native field."""
        try:
            return date.fromisoformat(self.get(name))
        except ValueError:
            self.refuse(name, missing)
            return None

    def time(self, name: str, missing: str) -> str:
        """A time of day as HH:MM from one native field."""
        try:
            return f"{time.fromisoformat(self.get(name)):%H:%M}"
        except ValueError:
            self.refuse(name, missing)
            return ""

    def three_part_day(self, name: str, missing: str) -> date | None:
        """A date from three fields: `<name>-day`, `-month`, `-year`."""
        try:
            parts = [int(self.get(f"{name}-{part}")) for part in ("year", "month", "day")]
            return date(*parts)
        except (ValueError, OverflowError):
            self.refuse(f"{name}-day", missing)
            return None

    def id(self, name: str, missing: str) -> UUID | None:
        """The id behind a choice."""
        try:
            return UUID(self.get(name))
        except ValueError:
            self.refuse(name, missing)
            return None

    def take_refusal(self, refused: ServiceRefused, where: Mapping[str, str]) -> None:
        """
        Turn a service's no into problems of this form.

        Args:
            refused: What the service said.
            where: The service's field names -> ids of our inputs.
        """
        for name, message in refused.fields:
            self.refuse(where.get(name, ""), message)
        if not refused.fields:
            self.refuse("", refused.detail or refusal_sentence(refused.status))


def submit(
    filled: Filled,
    act: Callable[[], object],
    *,
    page: Callable[[], str],
    done: str,
    fields: Mapping[str, str] | None = None,
    gone: Callable[[], tuple[str, int]] | None = None,
) -> Response | tuple[str, int]:
    """
    Send a form to a service: from what was typed to the next page.

    Args:
        filled: The form as read; while it has problems nothing is sent.
        act: Asks the service.
        page: The page of the form, shown again with what is wrong.
        done: Where it leads once the service has kept it.
        fields: The service's field names -> ids of our inputs.
        gone: The page for what the service does not know; without it, the one for every 404.

    Returns:
        A redirect; or the page, with 422 or the status of the refusal.
    """
    if filled.problems:
        return page(), 422
    try:
        act()
    except ServiceRefused as refused:
        if refused.status == 404:
            if gone is None:
                raise
            return gone()
        filled.take_refusal(refused, fields or {})
        return page(), refused.status
    return redirect(done, 303)
