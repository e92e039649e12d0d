"""Requests for an export: a reason decides whose rows it holds and under which names."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

# Ours: what fits into one file that a spreadsheet opens, and into the memory of one request.
ROWS_AT_MOST = 50_000
CODE_LIFE = timedelta(hours=24)
_YEARS = range(2000, 3000)  # as figures take them; at the ends of the calendar a day has no place in UTC
_SKEW = timedelta(minutes=2)  # the code may have been made by a clock that is a little ahead


class ExportReason(StrEnum):
    """What an export is for; goes to the audit trail with its filter and its counts."""

    RESEARCH = "research"
    SERVICE_EVALUATION = "service_evaluation"
    CARE = "care"
    SUPERVISION = "supervision"
    CLIENT_REQUEST = "client_request"
    HANDOVER = "handover"


class Basis(StrEnum):
    """Whose rows an export holds."""

    CONSENT = "research_consent"  # all who consent to research today, under names made for this export
    CARE = "own_clients"  # the therapist's present clients, under their ids


BASES = {
    ExportReason.RESEARCH: Basis.CONSENT,
    ExportReason.SERVICE_EVALUATION: Basis.CONSENT,
    ExportReason.CARE: Basis.CARE,
    ExportReason.SUPERVISION: Basis.CARE,
    ExportReason.CLIENT_REQUEST: Basis.CARE,
    ExportReason.HANDOVER: Basis.CARE,
}
CARE_REASONS = frozenset(reason for reason, basis in BASES.items() if basis is Basis.CARE)
_ROLE = {Basis.CONSENT: "clinical_lead", Basis.CARE: "therapist"}


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """One export; without a code a new one begins. `first` and `last`: days of sessions, both included."""

    code: UUID | None
    reason: ExportReason
    first: date | None
    last: date | None
    client_id: UUID | None

    @property
    def basis(self) -> Basis:
        """Whose rows it holds."""
        return BASES[self.reason]

    @property
    def filter(self) -> tuple[str, ...]:
        """The filter as codes and days, for the audit trail."""
        one = "one" if self.client_id else "all"
        return (f"reason={self.reason}", f"from={self.first or ''}", f"to={self.last or ''}", f"whose={one}")


def check_request(request: ExportRequest, roles: frozenset[str]) -> None:
    """
    Turn away what may not or cannot be exported.

    Raises:
        ReasonNotYours: none of the roles may export for this reason; or one client for research.
        ExportPeriodNotPossible: it ends before it begins, or lies outside the years 2000 to 2999.
    """
    if _ROLE[request.basis] not in roles:
        yours = sorted(reason for reason, basis in BASES.items() if _ROLE[basis] in roles)
        raise ReasonNotYours(f"You may export for: {', '.join(yours) or 'no reason'}.")
    if request.client_id and request.basis is Basis.CONSENT:
        raise ReasonNotYours("One client alone is exported for their own care only.")
    if request.first and request.last and request.last < request.first:
        raise ExportPeriodNotPossible("The period ends before it begins.")
    if any(day is not None and day.year not in _YEARS for day in (request.first, request.last)):
        raise ExportPeriodNotPossible(f"Give days from {_YEARS.start} to {_YEARS.stop - 1}.")


def code_at(now: datetime, fresh: UUID) -> UUID:
    """The code of an export that begins now; `fresh` is a new UUIDv7, whose time is set to this."""
    return UUID(int=(int(now.timestamp() * 1000) << 80) | (fresh.int & ((1 << 80) - 1)))


def check_code(code: UUID, now: datetime) -> None:
    """
    Files are joined by their export's code for a day, no longer; a code carries when it was made (UUIDv7).

    Raises:
        ExportOver: the code is older, from the future, or carries no time.
    """
    made = datetime.fromtimestamp((code.int >> 80) / 1000, tz=now.tzinfo) if code.version == 7 else None
    if made is None or not now - CODE_LIFE <= made <= now + _SKEW:
        raise ExportOver("This export is over. Begin a new one; the files of one export are fetched within a day.")


class ReasonNotYours(Exception):
    """The asker's roles do not export for this reason."""

    errors = (("reason", "is not one that your roles export for"),)


class ExportPeriodNotPossible(Exception):
    """A period ends before it begins."""

    errors = (("to", "lies before from"),)


class ExportTooLarge(Exception):
    """An export has more rows than one file takes."""

    errors = (("from", "is too early for one file: choose a later day"), ("to", "or choose an earlier day"))


class ExportOver(Exception):
    """An export's code was made more than a day ago, or is none."""

    errors = (("export", "is over: begin a new export"),)
