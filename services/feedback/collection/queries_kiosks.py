"""Kiosks as the manager sees them."""

from services.feedback.collection.store.kiosks import list_kiosks
from shared.database import Row, Tx
from shared.scope import Scope


def kiosks(tx: Tx, *, scope: Scope) -> list[Row]:
    """All kiosks, the newest first."""
    return list_kiosks(tx, scope)
