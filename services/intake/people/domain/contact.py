"""How a person can be reached: lenient checks, because a number that looks odd may still ring."""

import re
import unicodedata

PHONE_MAX = 40
PHONE_DIGITS = range(4, 21)
EMAIL_MAX = 254  # RFC 5321, 4.5.3.1.3
_PHONE_SIGNS = frozenset("0123456789 +()-./\u00a0\u2010\u2011\u2013#*x")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
_COMPARED_DIGITS = 8


class NotReachable(ValueError):
    """No phone number or e-mail address can look so; the message says why, not which."""


def phone_as_kept(text: str) -> str:
    """
    A phone number as it was written, without space around it.

    Raises:
        NotReachable: other signs than digits and separators, or not 4 to 20 digits.
    """
    kept = text.strip()
    plain = _ascii_digits(kept)
    if len(kept) > PHONE_MAX or not _PHONE_SIGNS.issuperset(plain.lower()):
        raise NotReachable("is not a phone number")
    if len(phone_digits(kept)) not in PHONE_DIGITS:
        raise NotReachable(f"needs {PHONE_DIGITS[0]} to {PHONE_DIGITS[-1]} digits")
    return kept


def email_as_kept(text: str) -> str:
    """An e-mail address as it was written, without space around it; raises NotReachable."""
    kept = unicodedata.normalize("NFC", text.strip())
    if len(kept) > EMAIL_MAX or _EMAIL.fullmatch(kept) is None or _unseen(kept):
        raise NotReachable("is not an e-mail address")
    return kept


def phone_digits(text: str) -> str:
    """The digits alone, in any script's digits."""
    return "".join(c for c in _ascii_digits(text) if c in "0123456789")


def phone_to_compare(text: str) -> str:
    """
    The last eight digits, so that "+49 151 2345 6789" and "0151 23456789" are one number.

    >>> phone_to_compare("+49 151 2345 6789") == phone_to_compare("0151/23456789")
    True
    """
    return phone_digits(text)[-_COMPARED_DIGITS:]


def is_phone(text: str) -> bool:
    """Tell whether a question reads as a phone number."""
    return _PHONE_SIGNS.issuperset(_ascii_digits(text).lower()) and len(phone_digits(text)) in PHONE_DIGITS


def _ascii_digits(text: str) -> str:
    return "".join(str(d) if (d := unicodedata.decimal(c, None)) is not None else c for c in text)


def _unseen(text: str) -> bool:
    return any(unicodedata.category(c)[0] == "C" for c in text)
