"""Whatever is done in whatever order, by one or by many: nobody is in two places, and every story has no gap."""

import random
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from services.scheduling.appointments.domain.appointment import Appointment
from services.scheduling.appointments.domain.booking import Window
from services.scheduling.appointments.domain.status import Status
from services.scheduling.appointments.queries import appointments_in, overlap_violations
from services.scheduling.resources.domain.refusals import Refusal
from shared.scope import system_scope
from tests.scheduling.practice import NOW, TUESDAY_15, Practice, days

SYSTEM = system_scope("test")
QUARTERS = st.integers(0, 12)  # starts between 15:00 and 18:00, so that hours get in each other's way
ROOMS = st.integers(0, 2)  # none, Room 1, Room 2
CALLED_OFF = (Status.CLIENT_CANCELLED, Status.CLINIC_CANCELLED)


def at(quarter: int) -> datetime:
    return TUESDAY_15 + timedelta(minutes=15 * quarter)


def everything(practice: Practice) -> list[Appointment]:
    return practice.run(lambda tx: appointments_in(tx, Window(), limit=1000, scope=SYSTEM, now=NOW))


def stories(practice: Practice) -> Iterator[list[int]]:
    told: dict[str, list[int]] = defaultdict(list)
    for event in practice.published():
        told[event["subject"]].append(event["sequence"])
    yield from told.values()


def check_all(practice: Practice) -> None:
    assert practice.run(lambda tx: overlap_violations(tx, scope=SYSTEM, now=NOW)) == 0
    assert all(story == list(range(1, len(story) + 1)) for story in stories(practice))
    blocking = practice.run(lambda tx: tx.rows("SELECT DISTINCT appointment_id FROM occupancy WHERE blocking"))
    assert {row["appointment_id"] for row in blocking} == {a.id for a in everything(practice) if a.blocks}


class DiaryMachine(RuleBasedStateMachine):
    """Two pairs, two rooms, three hours of an afternoon, and everything one can do to them."""

    practice: ClassVar[Practice]
    rooms: ClassVar[list[UUID | None]]

    def __init__(self) -> None:
        super().__init__()
        self.practice.run(lambda tx: tx.execute("DELETE FROM appointment"))
        self.practice.run(lambda tx: tx.execute("DELETE FROM series"))
        self.pairs = [(self.practice.mara, self.practice.ana), (self.practice.noor, self.practice.ben)]

    def pick(self, number: int) -> Appointment | None:
        known = everything(self.practice)
        return known[number % len(known)] if known else None

    @rule(pair=st.integers(0, 1), quarter=QUARTERS, minutes=st.sampled_from([30, 50, 90]), room=ROOMS)
    def book(self, pair: int, quarter: int, minutes: int, room: int) -> None:
        client, practitioner = self.pairs[pair]
        with suppress(Refusal):
            self.practice.book(
                client_id=client,
                practitioner_id=practitioner,
                local_start=at(quarter),
                minutes=minutes,
                room_id=self.rooms[room],
            )

    @rule(pair=st.integers(0, 1), quarter=QUARTERS, weeks=st.integers(1, 4), skip=st.booleans())
    def book_series(self, pair: int, quarter: int, weeks: int, *, skip: bool) -> None:
        client, practitioner = self.pairs[pair]
        with suppress(Refusal):
            self.practice.book_series(
                weeks,
                client_id=client,
                practitioner_id=practitioner,
                local_start=at(quarter),
                skip_conflicts=skip,
            )

    @rule(number=st.integers(0, 50), quarter=QUARTERS, room=ROOMS)
    def move(self, number: int, quarter: int, room: int) -> None:
        if chosen := self.pick(number):
            with suppress(Refusal):
                self.practice.move(chosen, at(quarter), room_id=self.rooms[room], keep_room=False)

    @rule(number=st.integers(0, 50), to=st.sampled_from(CALLED_OFF))
    def call_off(self, number: int, to: Status) -> None:
        if chosen := self.pick(number):
            with suppress(Refusal):
                self.practice.mark(chosen, to, now=NOW)

    @rule(number=st.integers(0, 50))
    def undo(self, number: int) -> None:
        if chosen := self.pick(number):
            with suppress(Refusal):
                self.practice.undo(chosen, now=NOW)

    @invariant()
    def nobody_is_in_two_places(self) -> None:
        check_all(self.practice)


def test_any_order_of_booking_moving_and_calling_off_keeps_the_promise(practice: Practice) -> None:
    DiaryMachine.practice = practice
    DiaryMachine.rooms = [None, practice.room("Room 1"), practice.room("Room 2")]

    run_state_machine_as_test(
        DiaryMachine,
        settings=settings(
            max_examples=20, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_any_therapist_under_load_never_doubles(practice: Practice, seed: int) -> None:
    """Six people at the desk at once, for the same few hours; nobody waits in a circle, nobody is doubled."""
    rooms = [practice.room(f"Room {n}") for n in range(2)]
    clients = {uuid4(): practitioner for practitioner in (practice.ana, practice.ben) for _ in range(4)}
    for number, (client, practitioner) in enumerate(clients.items()):
        practice.welcome(client, f"K-2{number:03}", practitioner)

    def work(worker: int) -> tuple[int, int]:
        chance = random.Random(seed * 100 + worker)
        mine: list[Appointment] = []
        won = lost = 0
        for _ in range(25):
            start = at(chance.randrange(8)) + days(chance.randrange(3))
            try:
                if mine and chance.random() < 0.5:
                    place = chance.randrange(len(mine))
                    if chance.random() < 0.5:
                        mine[place] = practice.move(mine[place], start, room_id=chance.choice(rooms), keep_room=False)
                    else:
                        practice.mark(mine.pop(place), Status.CLINIC_CANCELLED, now=NOW)
                else:
                    client = chance.choice(list(clients))
                    room = chance.choice([None, *rooms])
                    mine.append(
                        practice.book(
                            client_id=client, practitioner_id=clients[client], local_start=start, room_id=room
                        )
                    )
                won += 1
            except Refusal:
                lost += 1
        return won, lost

    with ThreadPoolExecutor(6) as people:
        outcomes = list(people.map(work, range(6)))

    assert sum(won for won, _ in outcomes) > 10
    assert sum(lost for _, lost in outcomes) > 10
    check_all(practice)
