"""Asks the feedback service which measures there are; hands it the words a clinic brings."""

from dataclasses import dataclass
from typing import Any

from portal.clients.feedback.forms import FormOption
from portal.clients.responses import read, read_all
from portal.clients.service_client import ServiceClient, segment


@dataclass(frozen=True, slots=True)
class Licence:
    """What its holder allows."""

    licence_class: str
    holder: str
    reference: str
    attribution_line: str | None = None
    confirm_commercial: bool = False


@dataclass(frozen=True, slots=True)
class Sourced:
    """A published number in points, with who says so and how well it is known."""

    points: float
    source: str
    mark: str
    code: str = ""
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """Who says how many questions may be left out."""

    source: str
    mark: str


@dataclass(frozen=True, slots=True)
class Scoring:
    """How a total is made; its ends are None where there is none."""

    method: str
    items: tuple[str, ...]
    needed: int
    min: float | None
    max: float | None
    missing: Missing | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is published about it."""

    better: str
    cut_off: Sourced | None = None
    reliable_change: Sourced | None = None


@dataclass(frozen=True, slots=True)
class Registered:
    """One measure of the registry, and what it needs before it can be used as a form."""

    id: str
    version: int
    name: str
    short_name: str
    construct: str
    moment: str
    side: str
    status: str
    accepts_totals: bool
    licence: Licence
    scoring: Scoring
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class RegisteredItem:
    """One question; without words where the clinic brought none."""

    id: str
    text: str
    kind: str
    min: float
    max: float
    options: tuple[FormOption, ...] = ()


@dataclass(frozen=True, slots=True)
class KeptWording:
    """Words as they were imported."""

    language: str
    number: int
    context: str


@dataclass(frozen=True, slots=True)
class Detail(Registered):
    """One measure with its questions, its honest label, and what nobody knows of it."""

    label: str
    stem: str
    items: tuple[RegisteredItem, ...]
    risk_items: dict[str, int]
    not_established: tuple[str, ...]
    wordings: tuple[KeptWording, ...]
    instrument_source: str = ""
    notice: str | None = None


class MeasuresClient:
    """The feedback service, asked about measures."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    def measures(self) -> tuple[Registered, ...]:
        """All of them, the newest version of each."""
        return read_all(Registered, self._service.get("/v1/measures"))

    def measure(self, measure_id: str) -> Detail:
        return read(Detail, self._service.get(f"/v1/measures/{segment(measure_id)}"))

    def import_wording(self, measure_id: str, language: str, wording: dict[str, Any]) -> None:
        """Words the clinic is licensed to use; forms show them from now on."""
        self._service.put(f"/v1/measures/{segment(measure_id)}/wordings/{segment(language)}", wording)
