"""Asks the feedback service for the clinic's figures."""

from dataclasses import dataclass
from datetime import date

from portal.clients.responses import read
from portal.clients.service_client import ServiceClient


@dataclass(frozen=True, slots=True)
class Number:
    """A share (0 to 1), a median or an effect size of `n` cases; without a value, `why` says why it is not told."""

    n: int | None = None
    value: float | None = None
    why: str | None = None
    at_least: bool = False
    code: str = ""


@dataclass(frozen=True, slots=True)
class FigurePart:
    """Channels or reasons that are told together."""

    codes: tuple[str, ...]
    n: int
    value: float


@dataclass(frozen=True, slots=True)
class Completion:
    """How the forms of one kind came back."""

    side: str
    moment: str
    returned: Number
    channels: tuple[FigurePart, ...] = ()
    missing: tuple[FigurePart, ...] = ()


@dataclass(frozen=True, slots=True)
class Alliance:
    """What became of ruptures."""

    repair: Number
    days_to_repair: Number
    talked_about: Number


@dataclass(frozen=True, slots=True)
class MeasureFigures:
    """How treatments ended by one measure; no `shares` where no reliable change is known of it."""

    measure_id: str
    version: int
    short_name: str
    n: int | None = None
    why: str | None = None
    shares: tuple[Number, ...] = ()
    parts: tuple[FigurePart, ...] = ()
    effect_size: Number = Number()


@dataclass(frozen=True, slots=True)
class NhsFigures:
    """How finished courses ended by the NHS definitions."""

    n: int | None = None
    why: str | None = None
    shares: tuple[Number, ...] = ()


@dataclass(frozen=True, slots=True)
class OutcomeFigures:
    """How treatments ended."""

    measures: tuple[MeasureFigures, ...] = ()
    nhs: NhsFigures | None = None


@dataclass(frozen=True, slots=True)
class Clients:
    """How many clients came, rounded."""

    value: int | None = None
    rounded_to: int = 1
    why: str | None = None


@dataclass(frozen=True, slots=True)
class ClinicFigures:
    """The figures of a quarter or a year; `alliance` and `outcome` only for those whom they concern."""

    counted_to: date
    is_over: bool
    clients: Clients
    completion: tuple[Completion, ...] = ()
    alliance: Alliance | None = None
    outcome: OutcomeFigures | None = None


class FiguresClient:
    """The feedback service, asked for figures."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    def of(self, first: date, last: date) -> ClinicFigures:
        """A whole quarter or year."""
        return read(ClinicFigures, self._service.get("/v1/clinic/figures", {"from": first, "to": last}))
