"""Forms that are handed over together: those of one session and moment, and what is entered from paper by itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.clients.feedback.client import Offer
from portal.kit.wording.times import count, short_day

PAPER = "paper"


@dataclass(frozen=True, slots=True)
class Packet:
    """One hand-over: a link or a code to the first form opens all of them."""

    offers: tuple[Offer, ...]

    @property
    def first(self) -> Offer:
        """The form by which the others are opened."""
        return self.offers[0]

    @property
    def is_paper(self) -> bool:
        """True where the clinic has the questions on paper alone."""
        return self.first.way == PAPER

    @property
    def session(self) -> str:
        """Which session it is about, and how many forms; one form after the session is what everybody expects."""
        moment = "Before the session of" if self.first.moment == "before" else "Session of"
        forms = f", {count(len(self.offers), 'form')}" if len(self.offers) > 1 else ""
        return f"{moment} {short_day(self.first.session_date)}{forms}{', from paper' if self.is_paper else ''}"


def packets(offers: Sequence[Offer]) -> tuple[Packet, ...]:
    """Open forms as they are handed over, in the order in which they were offered."""
    together: dict[object, list[Offer]] = {}
    for offer in offers:
        key = offer.id if offer.way == PAPER else (offer.client_id, offer.appointment_id, offer.moment)
        together.setdefault(key, []).append(offer)
    return tuple(Packet(tuple(found)) for found in together.values())


def packet_with(offers: Sequence[Offer], offer: Offer) -> Packet:
    return next(packet for packet in packets(offers) if offer in packet.offers)
