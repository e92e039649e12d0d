"""
One measurement a module: its docstring says how it measures, `measure(ground)` does it.

The order is that of a full run.
"""

from collections.abc import Callable
from importlib import import_module
from types import ModuleType

from bench.figures import Figure
from bench.ground import Ground

Measure = Callable[[Ground], list[Figure]]

NAMES = (
    "api_write",
    "api_read",
    "relay_kafka",
    "relay_postgres",
    "consumer",
    "rebuild",
    "reading",
    "check_in",
    "latency_postgres",
    "latency_kafka",
    "pages",
    "at_rest",
)


def find(name: str) -> ModuleType:
    """The module of a measurement."""
    return import_module(f"bench.measurements.{name}")
