"""
What must hold between the databases of one installation, however it came to be.

Each of them keeps its own promises by itself; what a torn backup would break lies between them.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, closing

import psycopg

from shared.database.provision import ServiceUrls

# A header is a pair in a JSON text: [["ce_id","0193..."],...].
_ON_LOG = """
SELECT substring(headers FROM '"ce_id", ?"([^"]+)"') COLLATE "C" AS id FROM log JOIN topics USING (topic_id)
WHERE name = %s ORDER BY 1
"""
_ARCHIVED = 'SELECT id::text COLLATE "C" FROM outbox_archive WHERE topic = %s ORDER BY 1'
_HEARD = 'SELECT DISTINCT ce_id COLLATE "C" FROM inbox WHERE ce_source = %s ORDER BY 1'
_PLACES = """
SELECT grp, t.name, o.part FROM offsets o JOIN topics t USING (topic_id) JOIN heads h USING (topic_id, part)
WHERE o.off > h.next_off ORDER BY 1, 2, 3
"""
_TRIMMED = "SELECT t.name FROM heads h JOIN topics t USING (topic_id) WHERE h.start_off > 0 GROUP BY t.name"


def broken_invariants(urls: Mapping[str, ServiceUrls]) -> list[str]:
    """
    Check an installation at rest whose event log is the one in PostgreSQL; one sentence for each rule that is broken.

    1. An event that left an outbox is on the log.
    2. An event that somebody has heard is on the log, unless the log no longer reaches back so far.
    3. Nobody has read further than the log reaches.
    """
    [log_url] = {one.log for name, one in urls.items() if name == "intake"}
    broken = []
    with ExitStack() as opened:
        log = opened.enter_context(psycopg.connect(log_url))
        trimmed = {row[0] for row in log.execute(_TRIMMED).fetchall()}
        broken += [f"{group} has read past the end of {topic}/{part}" for group, topic, part in log.execute(_PLACES)]
        services = {name: opened.enter_context(psycopg.connect(one.owner)) for name, one in urls.items()}
        for name in services:
            topic, source = f"rapport.{name}", f"/{name}"
            asked = [("archived", name, _ARCHIVED, topic)]
            if topic not in trimmed:
                asked += [(f"heard by {other}", other, _HEARD, source) for other in services]
            for what, where, statement, about in asked:
                with closing(services[where].cursor("wanted")) as wanted, closing(log.cursor("there")) as there:
                    wanted.execute(statement, (about,))
                    there.execute(_ON_LOG, (topic,))
                    missing = sum(1 for _ in _missing((row[0] for row in wanted), (row[0] for row in there)))
                if missing:
                    broken.append(f"{missing} events of {topic} were {what} and are not on the log")
    return broken


def _missing(wanted: Iterable[str], there: Iterable[str | None]) -> Iterator[str]:
    """
    What of one sorted row of ids is not in another.

    >>> list(_missing(["a", "c", "d"], ["a", "b", "d"]))
    ['c']
    """
    known = iter(there)
    at = next(known, None)
    for one in wanted:
        while at is not None and at < one:
            at = next(known, None)
        if at != one:
            yield one
