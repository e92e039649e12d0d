"""PostgreSQL: the pool, one open transaction (`Tx`), migrations and roles."""

from shared.database.pool import Database, DatabaseUnavailable
from shared.database.tx import Row, Statement, Tx

__all__ = ["Database", "DatabaseUnavailable", "Row", "Statement", "Tx"]
