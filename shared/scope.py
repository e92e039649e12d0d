"""On whose behalf something is read or done; every read in a store takes one."""

from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Scope:
    """
    Who asks, in which roles, and what for.

    `actor` is the staff id, or None when the program acts by itself (a consumer,
    a job). A service's store turns a scope into the condition of its SQL: a scope
    that opens nothing finds nothing. `stands_for` holds the colleagues whose work the
    asker does besides their own at this moment; `opened` is the one object that an
    emergency opened to them.
    """

    actor: UUID | None
    roles: frozenset[str]
    purpose: str
    source: str = ""
    trace_id: str = field(default="", compare=False)
    stands_for: frozenset[UUID] = frozenset()
    opened: UUID | None = None

    @property
    def acts_for(self) -> list[UUID]:
        """Whose own work the asker does: theirs, and that of those they stand in for."""
        return [] if self.actor is None else [self.actor, *sorted(self.stands_for - {self.actor})]

    @property
    def is_system(self) -> bool:
        """True for consumers and jobs, which see all rows of their own service."""
        return self.actor is None and "system" in self.roles

    def has(self, *roles: str) -> bool:
        """Tell whether the asker has at least one of these roles."""
        return not self.roles.isdisjoint(roles)


def system_scope(purpose: str, *, trace_id: str = "") -> Scope:
    """The scope of work that no person asked for: consumers, jobs, the relay."""
    return Scope(actor=None, roles=frozenset({"system"}), purpose=purpose, source="system", trace_id=trace_id)
