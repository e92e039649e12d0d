"""Licences: what the project, and what a clinic, may do with the words of a measure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class LicenceClass(StrEnum):
    """What the repository may hold of a measure, from everything to nothing but a place for its total."""

    PUBLIC_DOMAIN = "public_domain"  # no permission needed: words, translations, scoring
    OPEN_ND_NC = "open_nd_nc"  # open, but unchanged or not for profit: words in a pack of their own
    BYO_WORDING = "byo_wording"  # copyright: the clinic brings the wording it may use
    SCORE_ENTRY_ONLY = "score_entry_only"  # no digital copy: numbers typed from licensed paper
    OWN = "own"  # written by this project, not validated

    @property
    def ships_wording(self) -> bool:
        """True where the words themselves may stand in the definition file."""
        return self in {LicenceClass.PUBLIC_DOMAIN, LicenceClass.OWN}

    @property
    def takes_wording(self) -> bool:
        """True where a clinic may bring the words."""
        return self in {LicenceClass.OPEN_ND_NC, LicenceClass.BYO_WORDING}


class Context(StrEnum):
    """For what a clinic uses a measure; some licences allow one and not the other."""

    CLINICAL = "clinical"
    COMMERCIAL = "commercial"
    EDUCATIONAL = "educational"
    RESEARCH = "research"


@dataclass(frozen=True, slots=True)
class Licence:
    """
    The licence of one version of a measure, as read at `reference`.

    `attribution_line` must be shown wherever the words are; `retrieved_on` is the day the
    licence itself was last read, None where only reports of it were. `confirm_commercial`:
    in a commercial clinic an administrator confirms first that the use is covered.
    """

    licence_class: LicenceClass
    holder: str
    reference: str
    contexts_allowed: frozenset[Context]
    may_modify: bool
    may_translate: bool
    attribution_line: str | None = None
    retrieved_on: date | None = None
    confirm_commercial: bool = False
