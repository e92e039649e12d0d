"""Contracts, settings and metrics say what the code does (docs/adr/0006)."""

from pathlib import Path

import yaml

from embedded.house import SERVICES
from embedded.settings import SETTINGS as EMBEDDED
from shared.contracts.catalogue import all_contracts
from shared.process import SETTINGS

ROOT = Path(__file__).resolve().parents[2]


def test_each_contract_lists_exactly_the_services_that_listen() -> None:
    listed = {(contract.type, service) for contract in all_contracts() for service in contract.consumers}
    heard = {(kind, service.name) for service in SERVICES for kind in service.handlers}

    assert listed == heard


def test_every_service_tells_something_and_only_on_its_own_topic() -> None:
    tellers = {contract.service for contract in all_contracts()}

    assert tellers == {service.name for service in SERVICES}
    assert all(contract.type.startswith(f"rapport.{contract.service}.") for contract in all_contracts())


def test_every_setting_is_in_the_configuration_page() -> None:
    page = (ROOT / "docs/configuration.md").read_text()
    names = {setting.name for settings in SETTINGS.values() for setting in settings} | {s.name for s in EMBEDDED}

    assert [name for name in sorted(names) if f"`{name}`" not in page] == []


def test_the_compose_file_holds_no_secret_and_publishes_on_loopback_alone() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())

    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
    values = [
        str(v) for s in compose["services"].values() for k, v in (s.get("environment") or {}).items() if "URL" in k
    ]

    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert not [value for value in values if "@" in value]
    assert all(image["file"].startswith("secrets/") for image in compose["secrets"].values())


def test_the_compose_file_and_the_pom_name_the_same_kafka() -> None:
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    version = compose["services"]["kafka"]["image"].partition(":")[2]

    assert f"<version>{version}</version>" in (ROOT / "deploy/kafka/pom.xml").read_text()
