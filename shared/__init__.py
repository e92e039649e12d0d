"""
Plumbing that any service could use unchanged: database, event log, web base, security.

Owns no fact about the clinic and speaks none of its words; only `shared/contracts/`,
the event schemas, do. Who may enter: docs/adr/0001-one-distribution.md.
"""
