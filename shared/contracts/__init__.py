"""
Contracts: what each event looks like, one JSON Schema file per type, the only thing services share about facts.

The files are the source of truth; neither producer nor consumer is generated from
them. Their rules are in `rules`, the documents made from them in `documents`.
"""

from shared.contracts.catalogue import Contract, UnknownContract, all_contracts, contract_of, read_contract
from shared.contracts.rules import breaking_changes, data_faults, file_faults

__all__ = [
    "Contract",
    "UnknownContract",
    "all_contracts",
    "breaking_changes",
    "contract_of",
    "data_faults",
    "file_faults",
    "read_contract",
]
