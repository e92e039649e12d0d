"""Who follows an episode through, in words, and to whom it can be handed from here."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from portal.clients.feedback.course import Episode


@dataclass(frozen=True, slots=True)
class OwnerLine:
    """The owner of an episode; `take_on` and `give_back` are whose it would become, None where there is no choice."""

    words: str
    is_their_therapist: bool
    therapist: str
    take_on: UUID | None = None
    give_back: UUID | None = None


def present_owner(episode: Episode, therapist: UUID, *, staff: Mapping[UUID, str], lead: UUID | None) -> OwnerLine:
    """Followed through by whom; `lead` is the clinical lead who looks at it: they alone hand over what is open."""
    owner = episode.owner_id or therapist
    words = "Followed through by" if episode.closed_at is None else "Was followed through by"
    hands_over = episode.closed_at is None and lead is not None
    return OwnerLine(
        words=f"{words} {staff.get(owner, 'a colleague')}.",
        is_their_therapist=owner == therapist,
        therapist=staff.get(therapist, "their therapist"),
        take_on=lead if hands_over and lead not in {owner, therapist} else None,
        give_back=therapist if hands_over and owner != therapist else None,
    )
