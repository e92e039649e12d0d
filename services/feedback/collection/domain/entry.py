"""What comes back of a form: answers, item by item, or a total as somebody read it off paper."""

from collections.abc import Mapping
from dataclasses import dataclass

from services.feedback.collection.domain.sharing import Sharing, sharing_of
from services.feedback.measures.domain import Measure
from services.feedback.measures.domain.answers import Answer, AnswersRefused, take_answers
from services.feedback.measures.domain.scoring import Score, score, score_total

SHARING = "s1"  # the client's own item for it, where a form has one


class SessionUnknown(Exception):
    """There is no such hour of this client, or none that forms can be about."""


class ConsentMissing(Exception):
    """The client does not wish to fill in forms; none is offered and none is entered."""


class VersionNotOffered(Exception):
    """The answers are to another version of the measure than the one that was offered."""

    errors = (("measure_version", "Is not the version that was offered."),)


@dataclass(frozen=True, slots=True)
class Entry:
    """
    Answers, or else a total with the subscales' totals where there are any.

    `sharing` is what the client said about showing them, for a form that does not ask it itself.
    """

    answers: Mapping[str, object] | None = None
    total: float | None = None
    subscales: Mapping[str, float] | None = None
    sharing: str | None = None


def take(measure: Measure, entry: Entry) -> tuple[dict[str, Answer], Score]:
    """
    The answers that the measure takes, and their score.

    Raises:
        AnswersRefused, TotalsRefused: naming each field.
    """
    if entry.answers is None:
        return {}, score_total(measure, entry.total, entry.subscales)
    answers = take_answers(measure, entry.answers)
    return answers, score(measure, answers)


def sharing_in(measure: Measure, entry: Entry, answers: Mapping[str, Answer]) -> Sharing:
    """
    When the therapist may see a client's entry.

    Where the form asks for it, no answer counts as no. Where it does not, as in a
    symptom questionnaire that is read together in the session, it is shown at once
    unless the client said otherwise.
    """
    if measure.item(SHARING) is not None:
        return sharing_of(answers.get(SHARING))
    return sharing_of(entry.sharing) if entry.sharing is not None else Sharing.NOW


def as_on_paper(measure: Measure, entry: Entry) -> Entry:
    """
    What staff enter for a client: the client's own word on sharing comes with it.

    Raises:
        AnswersRefused: the form asks about sharing, and nothing says what the client
            answered; null says that they left it open.
    """
    if measure.item(SHARING) is None or entry.answers is None or SHARING in entry.answers:
        return entry
    if entry.sharing is None:
        raise AnswersRefused({SHARING: "Say what the client chose; null if they left it open."})
    return Entry(answers={**entry.answers, SHARING: entry.sharing})
