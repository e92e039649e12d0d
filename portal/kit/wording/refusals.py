"""Sentences for what could not be done."""

from portal.clients.service_client import UNREADABLE, Unavailable
from portal.kit.wording.codes import SERVICES, word
from portal.kit.wording.times import count

_BY_STATUS = {
    403: "You may not do this for this client.",
    404: "This is no longer here.",
    409: "This cannot be done as things stand now. Reload to see what has changed.",
    412: "Somebody changed this a moment ago. You now see how it stands; nothing of yours was kept.",
    428: "Reload the page and try again.",
}


def unavailable_sentence(service: str) -> str:
    """What a panel says instead of its content."""
    if service == UNREADABLE:
        return "This part cannot be shown right now; it has been noted."
    return f"The {word(SERVICES, service)} service does not answer right now."


def away_sentence(found: object) -> str | None:
    """What a panel says whose answer did not come; None for one that is there."""
    return unavailable_sentence(found.service) if isinstance(found, Unavailable) else None


def refusal_sentence(status: int, detail: str = "") -> str:
    """The service's own sentence, as one; else a plain one for the status."""
    if status in {412, 428} or not detail:
        return _BY_STATUS.get(status, "This could not be done.")
    return detail[:1].upper() + detail[1:] + ("" if detail.endswith((".", "!", "?")) else ".")


def wait_sentence(seconds: int) -> str:
    """
    Why the next try has to wait, and for how long.

    >>> wait_sentence(20), wait_sentence(600)
    ('Too many wrong tries. Wait 20 seconds and try again.', 'Too many wrong tries. Wait 10 minutes and try again.')
    """
    span = count(seconds, "second") if seconds < 90 else count((seconds + 59) // 60, "minute")
    return f"Too many wrong tries. Wait {span} and try again."
