"""Names on a page: the person's own, or the spoken code where there is none to show."""

from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PersonLink:
    """How a person stands on a page: what to read, the code to say on the phone, where it leads."""

    client_id: UUID
    name: str
    code: str

    @property
    def has_name(self) -> bool:
        """False where the code stands in for the name."""
        return self.name != self.code


@dataclass(frozen=True, slots=True)
class Names:
    """What one look-up answered, names and spoken codes; `away` when intake did not."""

    by_id: dict[UUID, str] = field(default_factory=dict)
    codes: dict[UUID, str] = field(default_factory=dict)
    away: bool = False

    def person(self, client_id: UUID, code: str | None) -> PersonLink:
        """The person, by name or else by code."""
        spoken = code or self.codes.get(client_id) or "Client"
        return PersonLink(client_id, self.by_id.get(client_id, spoken), spoken)
