"""A state as staff see it: icon, word and colour, always together."""

from dataclasses import dataclass

from portal.kit.wording.codes import CLIENT_STATES, REFERRAL_STATES, STATUSES, word


@dataclass(frozen=True, slots=True)
class Tag:
    """`tone` is quiet, info, ok, warn or bad; `icon` names a drawing in components/icon.html."""

    word: str
    icon: str
    tone: str


_STATUS_LOOKS = {
    "booked": ("booked", "quiet"),
    "arrived": ("arrived", "info"),
    "completed": ("completed", "ok"),
    "no_show": ("no_show", "bad"),
    "client_cancelled": ("cancelled", "quiet"),
    "late_cancelled": ("cancelled", "warn"),
    "clinic_cancelled": ("cancelled", "quiet"),
}
_COURSE_WORDS = {
    "steady": ("Steady", "steady", "ok"),
    "strained": ("A little strained", "strained", "warn"),
    "rupture": ("Rupture", "rupture", "bad"),
    "repairing": ("Repairing", "repairing", "info"),
    "repaired": ("Repaired", "repaired", "ok"),
    "unrepaired": ("Not yet repaired", "unrepaired", "warn"),
}
_CLIENT_LOOKS = {
    "waiting_for_decision": ("booked", "warn"),
    "waiting": ("booked", "info"),
    "allocated": ("people", "info"),
    "in_therapy": ("ok", "ok"),
    "ended": ("completed", "quiet"),
    "declined": ("cancelled", "quiet"),
}
_REFERRAL_LOOKS = {"received": ("booked", "warn"), "accepted": ("ok", "ok"), "declined": ("cancelled", "quiet")}
_PLAIN = ("info", "quiet")
_OFFERS = {
    "open": ("Waiting", "booked", "info"),
    "received": ("Received", "ok", "ok"),
    "unanswered": ("Not returned", "cancelled", "quiet"),
    "withdrawn": ("Taken back", "cancelled", "quiet"),
}


def status_tag(status: str) -> Tag:
    return Tag(word(STATUSES, status), *_STATUS_LOOKS.get(status, _PLAIN))


def course_tag(state: str | None) -> Tag:
    """The state of a course of check-ins; None before the first reading."""
    if state is None:
        return Tag("No reading yet", *_PLAIN)
    return Tag(*_COURSE_WORDS.get(state, (word({}, state).capitalize(), *_PLAIN)))


def offer_tag(state: str) -> Tag:
    """What became of a form that was out."""
    return Tag(*_OFFERS.get(state, (word({}, state).capitalize(), *_PLAIN)))


def client_tag(state: str) -> Tag:
    return Tag(word(CLIENT_STATES, state), *_CLIENT_LOOKS.get(state, _PLAIN))


def referral_tag(state: str) -> Tag:
    return Tag(word(REFERRAL_STATES, state), *_REFERRAL_LOOKS.get(state, _PLAIN))
