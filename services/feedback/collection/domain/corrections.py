"""Corrections: marks and codes may be put right; what the client said about sharing, and their words, stay."""

from collections.abc import Mapping

from services.feedback.measures.domain.answers import AnswersRefused

REASONS = frozenset({"typing_error", "misread_paper", "client_put_it_right", "wrong_form"})

# The wish is in the client's own words and closed by them; sharing is theirs to say, by releasing.
CLIENTS_OWN = frozenset({"w1", "w1_readers", "w2", "s1"})


class CheckinChanged(Exception):
    """The check-in was corrected since it was read; read it again and decide anew."""


class AnswersNotShared(Exception):
    """The client keeps these answers back; who may not see them cannot correct them."""


class NothingCorrected(Exception):
    """What was sent says the same as what is kept."""


def refuse_clients_own(given: Mapping[str, object]) -> None:
    """Raises AnswersRefused for what only the client says."""
    problems = {item: "Stays as the client said it." for item in given if item in CLIENTS_OWN}
    if problems:
        raise AnswersRefused(problems)
