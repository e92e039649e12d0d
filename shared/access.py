"""
Rules of access, as data: in which role something may be asked for, and how the asker must stand to what it is about.

The rules themselves are the clinic's (`shared.contracts.access`); here is only their form.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """
    What an operation or a page asks of whoever wants it.

    Attributes:
        what: What it opens, as a person would say it.
        grants: Role -> the relations, one of which must hold between the asker and the object. A role
            without any may ask, and is told nothing of anybody.

    Raises:
        ValueError: it names no role.
    """

    what: str
    grants: Mapping[str, frozenset[str]]

    def __post_init__(self) -> None:
        if not self.grants:
            raise ValueError(f"{self.what}: a rule names the roles it is for")

    @property
    def roles(self) -> frozenset[str]:
        """The roles that may ask at all."""
        return frozenset(self.grants)

    def opens(self, roles: Collection[str], relation: str) -> bool:
        """Tell whether one of these roles, standing so to the object, gets it."""
        return any(relation in self.grants.get(role, ()) for role in roles)

    def is_for(self, roles: Collection[str]) -> bool:
        """Tell whether one of these roles may ask at all."""
        return not self.roles.isdisjoint(roles)
