"""Names that every log can carry: what Kafka allows, for both adapters."""

import re

_LEGAL = re.compile(r"[A-Za-z0-9._-]{1,249}")


def legal_name(name: str) -> str:
    """
    The name itself, for a topic or a group.

    Raises:
        ValueError: empty, "." or "..", longer than 249, or other than letters, digits, ".", "_" and "-".
    """
    if name in (".", "..") or not _LEGAL.fullmatch(name):
        raise ValueError(f"{name!r} cannot name a topic or a group")
    return name
