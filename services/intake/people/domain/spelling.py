"""
Finding a name however it was spelled: accents folded, letters without a decomposition replaced.

Folding is for looking up only; what is stored and shown keeps every accent.
"""

import re
import unicodedata
from collections.abc import Iterable

# Letters that NFKD leaves whole although a keyboard without them spells them so.
_SPELLED = str.maketrans(
    {
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "ø": "o",
        "ħ": "h",
        "\u0131": "i",  # dotless i
        "ŧ": "t",
        "ŋ": "n",
        "ĸ": "k",
        "ɓ": "b",
        "ɗ": "d",
        "ƙ": "k",
        "ə": "e",
        "æ": "ae",
        "œ": "oe",
        "þ": "th",
    }
)
_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
_APOSTROPHES = re.compile("['`\u00b4\u02b9\u02bb\u02bc\u2018\u2019\u201b\u2032\uff07]")
_HYPHENS = re.compile(r"[-\u2010-\u2015\u2212_/.,·]+")
_CODE = re.compile(r"([A-Za-z])[\s-]?([0-9]{4,6})", re.ASCII)
WORDS_MAX = 24  # of one question; a real name stays far below


def exact(word: str) -> str:
    """A word with case and composition made equal, accents kept."""
    return unicodedata.normalize("NFKC", word.casefold())


def fold(text: str) -> str:
    """
    A text as a keyboard without accents would write it; scripts without accents stay themselves.

    >>> fold("O'Neil-Łukasz 李"), fold("Müller-Lüdenscheidt"), fold("Þóra Ægisdóttir")
    ("o'neil-lukasz 李", 'muller-ludenscheidt', 'thora aegisdottir')
    """
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(c for c in apart if not unicodedata.combining(c)).translate(_SPELLED)
    return unicodedata.normalize("NFKC", bare)


def foldings(word: str) -> set[str]:
    """
    The ways in which a keyboard without accents may write one word: "Müller" is also found as "Mueller".

    >>> sorted(foldings("Müller")), sorted(foldings("Łukasz"))
    (['mueller', 'muller'], ['lukasz'])
    """
    composed = unicodedata.normalize("NFC", word).casefold()
    return {fold(word), fold(composed.translate(_SPELLED_OUT))}


def words_asked(text: str) -> list[str]:
    """
    The words of a question, split at space and hyphens, apostrophes left out.

    >>> words_asked("o\u2019neil-lukasz")
    ['oneil', 'lukasz']
    """
    pieces = _HYPHENS.sub(" ", _APOSTROPHES.sub("", text)).split()
    return list(dict.fromkeys(pieces))


def words_kept(names: Iterable[str]) -> list[str]:
    """
    The words under which a person is to be found: whole, by the parts of a hyphen, by those of an apostrophe.

    >>> words_kept(["O'Neil-Li"])
    ['ONeilLi', 'ONeil', 'Li', 'O', 'Neil']
    """
    found: list[str] = []
    for name in names:
        for piece in name.split():
            bare = _APOSTROPHES.sub("", piece)
            parts = _HYPHENS.sub(" ", bare).split()
            found += ["".join(parts), *parts, *_HYPHENS.sub(" ", _APOSTROPHES.sub(" ", piece)).split()]
    return list(dict.fromkeys(word for word in found if fold(word)))


def spoken_code_in(text: str) -> str | None:
    """
    A spoken code, however it was typed.

    >>> spoken_code_in(" k 1042 "), spoken_code_in("Kay")
    ('K-1042', None)
    """
    found = _CODE.fullmatch(text.strip())
    return f"{found[1].upper()}-{found[2]}" if found else None
