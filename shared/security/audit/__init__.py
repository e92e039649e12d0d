"""
Audit: who read or changed what about whom, when, and what for.

A request appends its entries unchained, in its own transaction, to a table to which the
app's role may add and nothing else (`entries`). A sealing job with a role of its own moves
what was committed into a chain of hashes (`sealer`, `chain`) and signs how far it has come,
outside the database (`checkpoints`).
"""

from shared.security.audit.chain import ChainBroken, chain_hash, verify
from shared.security.audit.entries import Entry, record

__all__ = ["ChainBroken", "Entry", "chain_hash", "record", "verify"]
