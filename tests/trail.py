"""The audit trail as tests read it: as the sealer's role, with what waits chained first."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from shared.clock import utc_now
from shared.database import Database
from shared.database.tx import Row
from shared.metrics_pipeline import PipelineMetrics
from shared.security.audit import verify
from shared.security.audit.checkpoints import Checkpoint
from shared.security.audit.sealer import Sealer
from tests.databases import test_password


def trail(database: Database, action: str | None = None) -> list[Row]:
    """Everything that was recorded, or all of one action, in order."""
    seal(database)
    with _as_sealer(database) as reader, reader.transaction() as tx:
        return tx.rows("SELECT * FROM audit WHERE %s::text IN (action, '') ORDER BY no", (action or "",))


def seal(database: Database) -> None:
    """Chain everything that waits."""
    sealer = Sealer("test", sealer_url(database), None, PipelineMetrics(), utc_now)
    while sealer.seal_once():
        pass
    sealer.close()


def chained(database: Database, checkpoints: Sequence[Checkpoint] = ()) -> int:
    """Chain everything that waits; the length of the trail, which is whole, or ChainBroken."""
    seal(database)
    with _as_sealer(database) as reader, reader.transaction() as tx:
        return verify(tx, checkpoints).chained


def sealer_url(database: Database) -> str:
    """The database of an app's role as the sealer's; an owner's or a superuser's as it is."""
    parts = conninfo_to_dict(database.url)
    kind, _, service = str(parts["user"]).partition("_")
    if kind != "app":
        return database.url
    user = f"sealer_{service}"
    return make_conninfo("", **(parts | {"user": user, "password": test_password(user)}))


@contextmanager
def _as_sealer(database: Database) -> Iterator[Database]:
    opened = Database(sealer_url(database), name="trail", size=1).open()
    try:
        yield opened
    finally:
        opened.close()
