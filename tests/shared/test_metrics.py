"""The table of metrics is the only source of what is measured."""

import subprocess
import sys
from pathlib import Path

import pytest

from shared.metrics import DB_POOL, HTTP_DURATION, HTTP_REQUESTS, WEB_METRICS, Metric, Metrics


@pytest.mark.parametrize("metric", WEB_METRICS, ids=lambda metric: metric.name)
def test_names_follow_the_conventions(metric: Metric) -> None:
    assert metric.name.endswith("_total") == (metric.kind == "counter")
    assert metric.help.endswith(".")
    assert bool(metric.buckets) == (metric.kind == "histogram")
    assert not {"client", "client_id", "actor", "path", "name", "token"} & set(metric.labels)


def test_counts_gauges_and_histograms_are_shown() -> None:
    metrics = Metrics()

    metrics.count(HTTP_REQUESTS, service="shelf", method="GET", route="/", code="200")
    metrics.set(DB_POOL, 3, service="shelf", state="idle")
    metrics.add(DB_POOL, -1, service="shelf", state="idle")
    metrics.observe(HTTP_DURATION, 0.02, service="shelf", method="GET", route="/")

    text = metrics.exposition().decode()
    assert 'http_requests_total{code="200",method="GET",route="/",service="shelf"} 1.0' in text
    assert 'db_pool_connections{service="shelf",state="idle"} 2.0' in text
    assert 'http_request_duration_seconds_bucket{le="0.025",method="GET",route="/",service="shelf"} 1.0' in text


def test_an_undeclared_label_or_metric_is_refused() -> None:
    metrics = Metrics()

    with pytest.raises(ValueError, match="label"):
        metrics.count(HTTP_REQUESTS, service="shelf", client="mara")
    with pytest.raises(KeyError):
        metrics.count(Metric("bookings_total", "counter", (), "Bookings."))


def test_tables_may_be_added_and_repeated() -> None:
    extra = (Metric("jars_total", "counter", (), "Jars filled."),)
    metrics = Metrics(WEB_METRICS, extra)

    metrics.declare(extra)
    metrics.count(extra[0])

    assert "jars_total 1.0" in metrics.exposition().decode()


def test_processes_that_share_files_count_together(tmp_path: Path) -> None:
    program = (
        "import os, sys; from pathlib import Path; from shared import metrics as m\n"
        "m.share_files(Path(sys.argv[1]))\n"
        "children = []\n"
        "for _ in range(3):\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        "        mine = m.Metrics()\n"
        "        mine.count(m.HTTP_REQUESTS, 2, service='s', method='GET', route='/', code='200')\n"
        "        mine.add(m.HTTP_IN_FLIGHT, 1, service='s')\n"
        "        os._exit(0)\n"
        "    os.waitpid(child, 0)\n"
        "print(m.Metrics().exposition().decode())\n"
    )
    ran = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)

    assert 'http_requests_total{code="200",method="GET",route="/",service="s"} 6.0' in ran.stdout
