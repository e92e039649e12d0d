"""
Idempotency: a command sent twice with the same key has one effect and gets the same answer.

The answer is kept, sealed, in the transaction of the effect: either both exist or
neither. Refusals are not kept, as nothing happened. After the idea of AIP-155 and the
IETF draft "The Idempotency-Key HTTP Header Field".
"""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from shared.database import Tx
from shared.scope import Scope
from shared.security.sealing import THE_SERVICE, Place
from shared.web.problems import Refused
from shared.web.responses import ApiResponse

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEPT = timedelta(days=7)
_KEY = re.compile(r"[\x21-\x7e]{1,200}")


class StillRunning(Refused):
    """409: the first try with this key has not ended yet."""

    def __init__(self) -> None:
        detail = f"A request with this {HEADER} has not finished yet."
        super().__init__(409, "The same request is still running", detail, headers={"Retry-After": "1"})


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try at a command: who, which operation, the key they chose, and a hash of all that was asked."""

    actor: str
    route: str
    key: str
    body_hash: bytes

    @property
    def id(self) -> UUID:
        """The same for every try with this key."""
        return uuid5(NAMESPACE_URL, json.dumps([self.actor, self.route, self.key]))


def forget(tx: Tx, now: datetime) -> None:
    """Drop kept answers older than a week; a job of every service."""
    tx.execute("DELETE FROM idempotency WHERE created_at < %s", (now - KEPT,))


def read_key(header: str | None) -> str:
    """
    The key from its header; the quotes of a structured field are not part of it.

    Raises:
        Refused: 400; missing, or not 1 to 200 visible ASCII characters.
    """
    if header is None:
        raise Refused(
            400,
            "Idempotency-Key is missing",
            f"Send the header {HEADER} with a fresh id for every new command, and the same one when repeating it.",
            errors=[(HEADER, "is missing")],
        )
    key = header.strip().strip('"')
    if not _KEY.fullmatch(key):
        message = "must have 1 to 200 visible ASCII characters"
        raise Refused(400, "Idempotency-Key is malformed", f"{HEADER} {message}", errors=[(HEADER, message)])
    return key


def attempt_of(scope: Scope, route: str, key: str, asked: Any) -> Attempt:
    """An attempt; `asked` is everything that makes up the command (path, query, body), as JSON."""
    canonical = json.dumps(asked, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
    actor = f"{scope.source}/{scope.actor or ''}"
    return Attempt(actor, route, key, hashlib.sha256(canonical.encode()).digest())


def once(tx: Tx, attempt: Attempt, effect: Callable[[], ApiResponse], *, now: datetime) -> ApiResponse:
    """
    Have the effect, or give the answer it got the first time.

    Raises:
        StillRunning: 409; to be tried again.
        Refused: 422; the key was used for another request.
    """
    # Waiting would hold a second connection for the same work: the asker is told to come back instead.
    number = int.from_bytes(hashlib.sha256(attempt.id.bytes).digest()[:8], signed=True)
    locked, known = tx.together(
        ("SELECT pg_try_advisory_xact_lock(%s) AS won", (number,)),
        (
            "SELECT body_hash, status, location, answer FROM idempotency WHERE actor = %s AND route = %s AND key = %s",
            (attempt.actor, attempt.route, attempt.key),
        ),
    )
    if not locked[0]["won"]:
        raise StillRunning
    kept = known[0] if known else None
    place = Place("idempotency", "answer", attempt.id)
    if kept is not None:
        if kept["body_hash"] != attempt.body_hash:
            message = "was used for another request before"
            raise Refused(422, "Idempotency-Key was used before", f"{HEADER} {message}", errors=[(HEADER, message)])
        said = json.loads(tx.vault.open(tx, THE_SERVICE, place, kept["answer"]))
        return ApiResponse(kept["status"], said["body"], kept["location"], said["version"], replayed=True)
    answer = effect()
    # As it will look on the wire, so that a replay is the same to the byte.
    answer = replace(answer, body=json.loads(answer.text))
    text = json.dumps({"body": answer.body, "version": answer.version}, ensure_ascii=False)
    tx.defer(
        "INSERT INTO idempotency (actor, route, key, body_hash, status, location, answer, created_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        (
            attempt.actor,
            attempt.route,
            attempt.key,
            attempt.body_hash,
            answer.status,
            answer.location,
            tx.vault.seal(tx, THE_SERVICE, place, text),
            now,
        ),
    )
    return answer
