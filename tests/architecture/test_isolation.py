"""Each part starts with the other parts absent (docs/adr/0001)."""

import subprocess
import sys

import pytest

HIDE = """
import importlib.abc, sys
class Wall(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if any(name == hidden or name.startswith(hidden + ".") for hidden in {hidden!r}):
            raise ImportError(name + " is behind the wall")
sys.meta_path.insert(0, Wall())
import {module}
held = [name for name in sys.modules if name == "kafka" or name.startswith("kafka.")]
assert not held, "a web process holds a Kafka client"
"""
SERVICES = ("services.intake", "services.scheduling", "services.feedback")
DOORS = ("portal", "checkin", "embedded")


def import_alone(module: str, hidden: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", HIDE.format(hidden=hidden, module=module)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_starts_without_its_neighbours(service: str) -> None:
    import_alone(f"{service}.app", tuple(other for other in SERVICES if other != service) + DOORS)


@pytest.mark.parametrize("door", ["portal.app", "checkin.app"])
def test_a_front_door_starts_without_the_services(door: str) -> None:
    others = ("services", "embedded", "checkin" if door.startswith("portal") else "portal")
    import_alone(door, others)


def test_the_wall_is_a_wall() -> None:
    with pytest.raises(AssertionError, match="behind the wall"):
        import_alone("services.intake.app", ("shared",))
