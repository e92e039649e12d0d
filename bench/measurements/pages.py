"""
Pages of the staff portal in one process: the demo clinic as it is run, with its services, workers and PostgreSQL.

Six kept-alive browsers, each signed in, get Today (of the desk and of therapists, on a day with hours in it) and
People, as many times as they can. Beside each stands an empty page of a bare Flask application in the same server,
got by as many browsers in the same run, in turns: what HTTP, gunicorn and Flask cost alone. The ratio says how
many empty pages one of ours costs; every page is answered with 200 and holds the hours or the people it should.
"""

from collections.abc import Mapping, Sequence

from bench.figures import Figure, NotProven, Side
from bench.ground import Ground
from bench.house import EMPTY, OpenHouse, last_monday, open_house
from bench.load import fetch, request, send_all
from shared.clock import utc_now

BROWSERS = 6
THERAPISTS = ("ana", "ben", "ewa", "farid", "grace", "hugo")


def measure(ground: Ground) -> list[Figure]:
    count, rounds = (60, 1) if ground.quick else (300, 3)
    with open_house(ground) as house:
        pages = _pages(house)
        size = {what: _prove(house, wanted) for what, wanted in pages.items()}
        runs: dict[str, list[float]] = {what: [] for what in pages}
        empty: dict[str, list[float]] = {what: [] for what in pages}
        for what, wanted in pages.items():
            for _ in range(rounds):
                empty[what].append(_rate(house, [request("GET", f"{EMPTY}/", b"", {})], count * 4))
                runs[what].append(_rate(house, wanted, count))
    return [
        Figure(
            f"{what}, {BROWSERS} browsers",
            "pages/s",
            Side("portal in one process", tuple(runs[what])),
            Side("empty Flask page", tuple(empty[what])),
            proven=f"A page has {size[what]:,} bytes.",
        )
        for what in pages
    ]


def _pages(house: OpenHouse) -> Mapping[str, Sequence[bytes]]:
    day = last_monday(utc_now().date())
    return {
        "Today of the desk": [house.get(f"/today?day={day}", "dana")],
        "Today of a therapist": [house.get(f"/today?day={day}", one) for one in THERAPISTS],
        "People": [house.get("/people", "dana")],
    }


def _prove(house: OpenHouse, wanted: Sequence[bytes]) -> int:
    """Each page as it is seen: with people on it, and nothing away."""
    shown = [fetch(house.port, one, expect=200) for one in wanted]
    if not any(b"/people/" in page for page in shown) or any(b"does not answer" in page for page in shown):
        raise NotProven("a page shows nobody, or a service was away")
    return sum(map(len, shown)) // len(shown)


def _rate(house: OpenHouse, wanted: Sequence[bytes], count: int) -> float:
    requests = [wanted[n % len(wanted)] for n in range(count)]
    seconds, _ = send_all(house.port, requests, connections=BROWSERS, expect=200)
    return count / seconds
