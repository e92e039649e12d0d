"""Refusals, as sentences; none of them carries a name or an answer."""


class ClientUnknown(Exception):
    """There is no such client, or not for the one who asks: the two look the same on purpose."""


class OfferUnknown(Exception):
    """There is no such offer, or not for the one who asks."""


class EpisodeUnknown(Exception):
    """There is no such episode, or not for the one who asks."""


class MeasureUnknown(Exception):
    """There is no such measure."""


class FormUnknown(Exception):
    """The link or handle opens nothing, or nothing any more."""


class LinkUsed(Exception):
    """The link was opened before; the clinic can make a new one, and what was filled in is kept."""


class AlreadyReceived(Exception):
    """The form was sent before; what was sent stays as it is."""


class NotYourImpression(Exception):
    """The therapist's own form can be filled in by that therapist alone."""


class NothingToRelease(Exception):
    """These answers are shared already, or are not the client's."""


class EpisodeClosed(Exception):
    """The episode is closed already."""


class EpisodeNotReady(Exception):
    """Only an episode that reads as unrepaired can be closed by a person; until then it is followed."""


class EpisodeOpen(Exception):
    """An episode is open: close it with its reason, and the usual range begins anew."""


class EpisodeChanged(Exception):
    """The episode changed since it was read; read it again and decide anew."""


class DateNotPossible(Exception):
    """The conversation cannot have been held on that day."""


class NoteNotYours(Exception):
    """A colleague made this note; they or the clinical lead can take it back."""


class NothingToWithdraw(Exception):
    """No note stands here that could still be taken back."""


class NotAnOwner(Exception):
    """Whoever follows an episode through must be able to see it."""


class ReachNoteUnknown(Exception):
    """There is no such note, it was taken back, or not for the one who asks."""


class ReachNoteRefused(ValueError):
    """Either a day on which somebody reached out, or a reason not to for now."""


class FormOver(Exception):
    """The time to fill in a form is over, or it was taken back."""


class CrisisInformationMissing(Exception):
    """The clinic has not yet entered whom to turn to in a crisis; until then no link is made."""


class FormsClosed(Exception):
    """No form opens before it can say whom to turn to in a crisis."""


class OwnSupervision(Exception):
    """Nobody supervises their own work."""


class PackUnknown(Exception):
    """There is no such pack, or not for the one who asks; or this client is not in it."""


class WeekNotBegun(Exception):
    """A pack is made of what has happened; this week has not begun."""


class RulesChanged(Exception):
    """The rules in force changed since they were read; read them again and decide anew."""


class RulesNotOffered(Exception):
    """These rules are neither this version's, nor proposed, nor were they in force before."""


class ReasonNotYours(Exception):
    """The asker's roles do not export for this reason."""

    errors = (("reason", "is not one that your roles export for"),)


class PeriodNotPossible(Exception):
    """A period ends before it begins."""

    errors = (("to", "lies before from"),)


class ExportTooLarge(Exception):
    """An export has more rows than one file takes."""

    errors = (("from", "is too early for one file: choose a later day"), ("to", "or choose an earlier day"))


class ExportOver(Exception):
    """An export's code was made more than a day ago, or is none."""

    errors = (("export", "is over: begin a new export"),)
