"""The clinic's crisis information; every entry is kept, the newest counts."""

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from services.feedback.risk.domain.crisis import PLACEHOLDERS, CrisisInformation
from shared.database import Tx
from shared.scope import Scope


def add_crisis_information(
    tx: Tx, entry_id: UUID, information: CrisisInformation, *, entered_by: UUID | None, now: datetime
) -> None:
    """Keep what the clinic entered."""
    values = asdict(information)
    tx.execute(
        "INSERT INTO crisis_information (id, entries, checked_on, review_on, entered_at, entered_by) "
        "VALUES (%s, %s, %s, %s, %s, %s)",
        (
            entry_id,
            Jsonb({name: values[name] for name in PLACEHOLDERS}),
            information.checked_on,
            information.review_on,
            now,
            entered_by,
        ),
    )


def current_crisis_information(tx: Tx, scope: Scope) -> CrisisInformation | None:
    """What stands on the forms now; open to everybody who has any role."""
    row = tx.row(
        "SELECT entries, checked_on, review_on FROM crisis_information WHERE %s "
        "ORDER BY entered_at DESC, id DESC LIMIT 1",
        (bool(scope.roles),),
    )
    return (
        None
        if row is None
        else CrisisInformation(**row["entries"], checked_on=row["checked_on"], review_on=row["review_on"])
    )
