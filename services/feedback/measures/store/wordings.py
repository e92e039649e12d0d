"""The words of measures that the clinic brought: every version is kept, the newest is shown."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from services.feedback.measures.domain import Context, ItemWording, Measure, Wording
from services.feedback.measures.domain.imports import Permission
from shared.database import Tx
from shared.scope import Scope

_KEPT = (
    "measure_id, measure_version, language, number, words, content_hash, context, commercial_confirmed, "
    "imported_at, imported_by"
)


@dataclass(frozen=True, slots=True)
class KeptWording:
    """Words as they were imported; `number` counts the imports of one language from 1."""

    measure_id: str
    measure_version: int
    language: str
    number: int
    wording: Wording
    content_hash: str
    context: Context
    commercial_confirmed: bool
    imported_at: datetime
    imported_by: UUID | None


def add_wording(
    tx: Tx,
    measure: Measure,
    wording: Wording,
    *,
    content_hash: str,
    permission: Permission,
    by: UUID | None,
    now: datetime,
) -> None:
    """Keep words beside the ones before them; two imports at once follow one another."""
    tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"wording {measure.id} {wording.language}",))
    words = asdict(wording)
    del words["language"]
    tx.execute(
        "INSERT INTO wording (measure_id, measure_version, language, number, words, content_hash, context, "
        "licence_held, commercial_confirmed, imported_at, imported_by) "
        "SELECT %(id)s, %(version)s, %(language)s, coalesce(max(number), 0) + 1, %(words)s, %(hash)s, %(context)s, "
        "%(held)s, %(confirmed)s, %(now)s, %(by)s FROM wording "
        "WHERE measure_id = %(id)s AND measure_version = %(version)s AND language = %(language)s",
        {
            "id": measure.id,
            "version": measure.version,
            "language": wording.language,
            "words": Jsonb(words),
            "hash": content_hash,
            "context": permission.context,
            "held": permission.licence_held,
            "confirmed": permission.commercial_confirmed,
            "now": now,
            "by": by,
        },
    )


def wordings(tx: Tx, scope: Scope, measure_id: str, version: int) -> list[KeptWording]:
    """The newest words of one measure in each language; the clinic's own, open to whoever may see its measures."""
    del scope  # no client is in them
    return tx.rows_as(
        _kept,
        f"SELECT DISTINCT ON (language) {_KEPT} FROM wording "  # noqa: S608 - columns of this module
        "WHERE measure_id = %s AND measure_version = %s ORDER BY language, number DESC",
        (measure_id, version),
    )


def worded_measures(tx: Tx, scope: Scope) -> dict[tuple[str, int], list[str]]:
    """Which measures the clinic brought words of, and in which languages."""
    del scope  # no client is in them
    rows = tx.rows(
        "SELECT measure_id, measure_version, array_agg(DISTINCT language ORDER BY language) AS languages "
        "FROM wording GROUP BY measure_id, measure_version"
    )
    return {(row["measure_id"], row["measure_version"]): row["languages"] for row in rows}


def _kept(*, language: str, words: dict[str, Any], context: str, **columns: Any) -> KeptWording:
    items = {name: ItemWording(**item) for name, item in words.pop("items").items()}
    wording = Wording(language=language, items=items, **words)
    return KeptWording(language=language, wording=wording, context=Context(context), **columns)
