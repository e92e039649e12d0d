"""
Text as people write it: what is kept of it and what is turned away.

Names come in every script. Kept: every letter, mark, digit, sign and emoji, and the
joiners that Persian and Indic names need. Turned away: what cannot be seen but changes
what is seen (control characters, bidirectional overrides; Unicode TR 36, 2.10) and what
is no character at all (lone surrogates). A character newer than this program's tables
is kept: a rare name is no mistake.
"""

import unicodedata

NAME_MAX = 100  # characters after NFC
NOTE_MAX = 2000
_JOINERS = frozenset("\u200c\u200d")
_BIDI_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e")
_LINE_ENDS_AND_TABS = frozenset("\n\r\t")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_NOT_ALONE = frozenset("CMZ")  # joiners, marks and spaces make no name by themselves
_NEWER = frozenset({"Cn", "Co"})


class NotWritable(ValueError):
    """A text is empty, too long, or holds characters that cannot be shown; says which of these, not the text."""


def name_as_kept(text: str) -> str:
    """
    One line of text as it is stored: Unicode NFC, without space around it.

    Raises:
        NotWritable: nothing visible, over 100 characters, or unseen characters inside.

    >>> name_as_kept(" O'Neil-Łukasz 李 ")
    "O'Neil-Łukasz 李"
    """
    if any(unicodedata.category(c) in _UNSEEN and c not in _JOINERS for c in text.strip()):
        raise NotWritable("holds control or invisible characters")
    kept = unicodedata.normalize("NFC", text).strip()
    if all((category := unicodedata.category(c))[0] in _NOT_ALONE and category not in _NEWER for c in kept):
        raise NotWritable("is empty")
    if len(kept) > NAME_MAX:
        raise NotWritable(f"is longer than {NAME_MAX} characters")
    return kept


def note_as_kept(text: str) -> str:
    """
    Free text as it is stored: Unicode NFC, lines and tabs kept.

    Raises:
        NotWritable: over 2,000 characters, or control characters, overrides or surrogates inside.
    """
    for c in text:
        category = unicodedata.category(c)
        if c in _BIDI_OVERRIDES or category == "Cs" or (category == "Cc" and c not in _LINE_ENDS_AND_TABS):
            raise NotWritable("holds control or invisible characters")
    kept = unicodedata.normalize("NFC", text).strip()
    if len(kept) > NOTE_MAX:
        raise NotWritable(f"is longer than {NOTE_MAX} characters")
    return kept
