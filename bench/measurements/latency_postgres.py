"""
From commit to handler with the event log in PostgreSQL, at ten events a second, as in the embedded clinic.

One process holds writer, relay, consumer, retries and jobs. A transaction writes an event; the clock starts
when its commit returns and stops when the consumer calls the handler. On the way: a notification wakes the
relay, which claims, appends (a commit), and another wakes the consumer, which reads, and records the event's
id and sequence in its transaction. The limit is 5 ms for the median.
"""

from bench.figures import Better, Figure, Side, limit, percentile
from bench.ground import Ground
from bench.promptness import commit_to_handler

LIMIT_MS = 5.0
LIMIT_99_MS = 25.0


def measure(ground: Ground) -> list[Figure]:
    times, rounds = (30, 1) if ground.quick else (100, 3)
    runs = [commit_to_handler(ground, ground.postgres_log, times) for _ in range(rounds)]
    proven = f"All {times * rounds} events were heard, in order."
    half, most = (Side("embedded", tuple(percentile(run, share) for run in runs)) for share in (0.50, 0.99))
    what = "Commit to handler, PostgreSQL log"
    return [
        Figure(f"{what}, p50", "ms", half, limit(LIMIT_MS), Better.LESS, aim=1.0, proven=proven),
        Figure(f"{what}, p99", "ms", most, limit(LIMIT_99_MS), Better.LESS),
    ]
