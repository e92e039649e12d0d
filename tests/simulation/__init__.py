"""
A deterministic simulation of the event backbone: outbox, relay, log, groups, inbox, parking and retries.

The relay, the consumer and the retries are the product's own classes, line for line; only
what they stand on, database and log, is a model in memory with transactions, row locks,
leases and fences. Each process is a greenlet in one thread, and every call of database or
log is a place where a seeded scheduler may let another go on, stop this one for long, or
kill it. A failure prints its seed: `python -m tests.simulation --seed N` tells it again,
step by step.
"""
