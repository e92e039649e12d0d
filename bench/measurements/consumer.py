"""
One consumer reads 10,000 events of 500 clients from Kafka, beside FastStream 0.7 on aiokafka.

Both record ids in the inbox, check each client's sequence, and run the same handler (the same schema, the
same upsert), in one transaction for up to 100 events, then commit the offsets. FastStream gets its batch
subscriber and asynchronous psycopg, and is a process of its own. Ours also looks for parked clients,
continues the trace, and counts each event with its delay. Counted from the first call of the handler to the
last commit, joining the group left out. For both, every event took effect once and in order.

FastStream's plain subscriber, one event a call and so one transaction an event, is shown below it: it is
what its tutorial begins with. There our own batch is the difference.
"""

import subprocess
import sys

from bench.consuming import consume
from bench.figures import Figure, NotProven, Side
from bench.ground import Ground
from bench.hours import CLIENTS, prove, records

AIM = 0.9


def measure(ground: Ground) -> list[Figure]:
    count, rounds = (3_000, 1) if ground.quick else (10_000, 3)
    log, topic = ground.kafka_log, ground.new_name("hours")
    log.create_topic(topic)
    prepared = records(count, topic)
    for start in range(0, count, 1_000):
        log.append(topic, prepared[start : start + 1_000])
    single = min(count, 2_000)
    short = ground.new_name("hours")
    log.create_topic(short)
    log.append(short, records(single, short))
    ours, batched = [], []
    proven = ""
    for _ in range(rounds):
        batched.append(_faststream(ground, topic, count, "batch"))
        group = ground.new_name("reader")
        ours.append(consume(log, ground.database, topic, group=group, count=count))
        proven = prove(ground.database, group, count)
    one_by_one = _faststream(ground, short, single, "single")
    us = Side("consumer", tuple(ours))
    what = f"Kafka to SQL, {CLIENTS} clients"
    return [
        Figure(what, "events/s", us, Side("FastStream, batches of 100", tuple(batched)), aim=AIM, proven=proven),
        Figure(what, "events/s", us, Side("FastStream, one by one", (one_by_one,))),
    ]


def _faststream(ground: Ground, topic: str, count: int, how: str) -> float:
    group = ground.new_name("faststream")
    command = [sys.executable, "-m", "bench.faststream_reader", ground.broker.bootstrap, topic, group, str(count), how]
    done = subprocess.run(command, input=ground.urls.app, capture_output=True, text=True, check=False, timeout=180)
    if done.returncode != 0:
        raise NotProven(f"FastStream: {done.stderr.strip().splitlines()[-1:]}")
    prove(ground.database, group, count)
    return float(done.stdout)
