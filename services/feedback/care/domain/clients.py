"""Whose client somebody is, as every other part of feedback needs to know it."""

from enum import StrEnum


class ClientUnknown(Exception):
    """There is no such client, or not for the one who asks: the two look the same on purpose."""


class Pair(StrEnum):
    """How the practitioner of a session stands to the client."""

    WORKING = "working"  # theirs now
    ENDED = "ended"  # theirs when the session took place
    STRANGERS = "strangers"  # a stand-in


NO_CODE = "?"  # the client's registration was not heard of yet
