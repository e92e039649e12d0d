"""What people are called in an export, and when their sessions were."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from uuid import UUID

from services.feedback.care.domain.days import local_day
from services.feedback.exports.domain.csv.requests import Basis

Moment = datetime | date  # what is known by its day alone stays as it is

_BYTES = 10  # 80 bits: no two of a clinic's clients meet


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """
    The names in one export.

    With `key` (made for this export alone) ids become keyed hashes: the same within the
    export, strangers to every other. Days are counted from the first session of the pair;
    dates stay out. Days are those of `zone`, the clinic's. In the therapist's own export ids and
    dates are as they are.
    """

    basis: Basis
    key: bytes
    zone: tzinfo

    def client(self, client_id: UUID) -> str:
        return self._name("C", str(client_id))

    def pair(self, client_id: UUID, practitioner_id: UUID) -> str:
        """The client's work with one therapist; it does not tell who the therapist is, so that nobody is ranked."""
        return self._name("P", f"{client_id}|{practitioner_id}", str(practitioner_id))

    def episode(self, episode_id: UUID) -> str:
        return self._name("E", str(episode_id))

    def date(self, moment: datetime | date | None) -> date | None:
        """The day, for the therapist's own export alone."""
        if moment is None or self.basis is Basis.CONSENT:
            return None
        return _day(moment, self.zone)

    def day(self, moment: Moment | None, first: datetime) -> int | None:
        """Days since the first session, 0 on its day."""
        return None if moment is None else (_day(moment, self.zone) - _day(first, self.zone)).days

    def _name(self, letter: str, hidden: str, shown: str | None = None) -> str:
        if self.basis is Basis.CARE:
            return shown or hidden
        digest = hmac.new(self.key, f"{letter}|{hidden}".encode(), hashlib.sha256).digest()
        # The letter first: a spreadsheet would take "1e5" for a number.
        return letter + digest[:_BYTES].hex()


def _day(moment: Moment, zone: tzinfo) -> date:
    return local_day(moment, zone) if isinstance(moment, datetime) else moment
