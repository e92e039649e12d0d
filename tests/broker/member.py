"""
A consumer in a process of its own, for tests that kill it.

    python -m tests.broker.member URL GROUP TOPIC COUNT [commit]

reads COUNT records, commits them if told so, says "read" and then goes on polling until it is killed.
"""

import sys

from shared.eventlog.interface import EventLog
from tests.broker.reading import following, read
from tests.broker.subjects import open_impatient


def main(url: str, group: str, topic: str, count: int, *, commits: bool) -> None:
    log: EventLog = open_impatient(url)
    member = log.subscribe(group, [topic])
    records = read(member, count)
    if commits:
        member.commit(following(records))
    print("read", flush=True)
    while True:
        member.poll(0.2)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), commits=sys.argv[5:] == ["commit"])
