"""Fill an empty installation with the demo clinic: day by day through half a year, by the services' own commands."""

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from embedded.demo import before, feedback, intake, scheduling
from embedded.demo.calendar import MINUTES, WEEKS, Treatment, treatments
from embedded.demo.cast import CLIENTS, ROOMS, STAFF, Worker
from embedded.demo.plots import Felt, falls_silent, plot_of
from embedded.demo.symptoms import way_of
from embedded.house import House
from embedded.keys import Keys
from embedded.settings import EmbeddedConfig
from portal.security import emergency
from portal.security.accounts import add_staff, get_staff
from portal.security.passwords import hash_password
from shared.clock import utc_now
from shared.database import Tx
from shared.database.provision import ServiceUrls
from shared.ids import uuid7

DEMO_PASSWORD = "riverside-demo"  # noqa: S105 - printed on the terminal; the demo clinic holds nobody's data
_SEED = 11


@dataclass
class Moment:
    """The clock of the story; stands where it was put."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Life:
    """What the story knows of one client as it goes along."""

    treatment: Treatment
    client_id: UUID
    booked: dict[datetime, UUID] = field(default_factory=dict)
    past: int = 0  # sessions before today, held or missed
    held: int = 0


class Story:
    """The demo clinic while it is being made."""

    def __init__(self, house: House, clock: Moment, config: EmbeddedConfig, today: date, real_now: datetime) -> None:
        self._house = house
        self._clock = clock
        self._config = config
        self._zone = ZoneInfo(config.zone)
        self._real_now = real_now
        self._rng = random.Random(_SEED)
        self._staff = {worker.username: uuid7() for worker in STAFF}
        self._therapists = [self._staff[w.username] for w in STAFF if "therapist" in w.roles]
        self._desk = self._staff["dana"]
        self._rooms: list[UUID] = []
        self._lives: dict[int, Life] = {}
        self._felt: dict[tuple[int, datetime], Felt] = {}
        self._plan = treatments(today, clients=len(CLIENTS), practitioners=len(self._therapists))
        self._first = min(one.referred for one in self._plan).date()
        self._today = today

    @property
    def days(self) -> int:
        """How many days the story has."""
        return (self._today - self._first).days + 1

    def open_the_clinic(self) -> None:
        """Practitioners, rooms, and whom to turn to in a crisis."""
        now = self._at(datetime.combine(self._first - timedelta(days=7), time(9)))
        with self._house.floors["scheduling"].database.transaction() as tx:
            for therapist in self._therapists:
                scheduling.keep_diary(tx, therapist, self._config.zone, now=now)
            self._rooms = [scheduling.add_room(tx, label, now=now) for label in ROOMS]
        with self._house.floors["feedback"].database.transaction() as tx:
            feedback.enter_fictional_crisis_information(tx, by=self._staff["chris"], now=now)
            before.plan_measures(tx, by=self._staff["chris"], now=now)
            hugo = self._staff["hugo"]
            others = [therapist for therapist in self._therapists if therapist != hugo]
            feedback.arrange_supervision(tx, others, hugo, by=self._staff["chris"], now=now)
        self._house.settle()

    def let_staff_in(self) -> None:
        """Make all accounts at once, and last: who has one finds the clinic whole."""
        now = self._instant(datetime.combine(self._first - timedelta(days=7), time(9)))
        password_hash = hash_password(DEMO_PASSWORD)
        with self._house.portal_database.transaction() as tx:
            for worker in STAFF:
                _add_account(tx, worker, self._staff[worker.username], password_hash, now)
            self._emergency_of_last_week(tx)

    def _emergency_of_last_week(self, tx: Tx) -> None:
        """Farid helped a client of a colleague in a crisis; the clinical lead has looked at it since."""
        opened = self._real_now - timedelta(days=6)
        farid = get_staff(tx, self._staff["farid"])
        with self._house.floors["intake"].database.transaction() as at_intake:
            client = intake.in_therapy_with_others(at_intake, farid.id, now=opened)
        made = emergency.open_client(
            tx,
            farid,
            client.client_id,
            spoken_code=client.spoken_code,
            therapist_id=client.practitioner_id,
            category="crisis_call",
            reason="Rang in distress while her therapist was in a session; I read the last agreement and called back.",
            now=opened,
        )
        if client.practitioner_id:
            emergency.note_seen(tx, made.id, client.practitioner_id, opened + timedelta(hours=1))
        emergency.review(tx, made.id, outcome="in_order", by=self._staff["hugo"], now=opened + timedelta(days=1))

    def live(self) -> Iterable[date]:
        """Live through the days one by one; yields each when it is over."""
        agenda = self._agenda()
        for day in (self._first + timedelta(days=n) for n in range(self.days)):
            todo = agenda.get(day)
            if todo is not None:
                self._live_one(day, todo)
            yield day
        # What happened until this very moment is over now; what comes is booked.
        self._clock.now = self._real_now
        with self._house.floors["intake"].database.transaction() as tx:
            intake.name_deputy(tx, self._staff["grace"], self._staff["ewa"], now=self._clock.now)
        self._house.settle()

    def _agenda(self) -> Mapping[date, dict[str, list[Treatment]]]:
        agenda: dict[date, dict[str, list[Treatment]]] = defaultdict(lambda: defaultdict(list))
        for one in self._plan:
            for what, when in (("refer", one.referred), ("accept", one.accepted), ("allocate", one.allocated)):
                agenda[when.date()][what].append(one)
            for start in one.sessions:
                agenda[start.date()]["session"].append(one)
        return agenda

    def _live_one(self, day: date, todo: Mapping[str, list[Treatment]]) -> None:
        self._at(datetime.combine(day, time(8)))
        self._house.settle()  # what today's sessions begin with is offered now
        self._before_the_hours(day, todo.get("session", ()))
        with self._house.floors["intake"].database.transaction() as tx:
            for one in todo.get("refer", ()):
                client_id = intake.refer(tx, CLIENTS[one.client_no], by=self._desk, now=self._at(one.referred))
                self._lives[one.client_no] = Life(one, client_id)
            for one in todo.get("accept", ()):
                intake.accept(
                    tx,
                    self._id(one),
                    feedback=one.feedback_consent,
                    supervision=one.supervision_consent,
                    research=one.research_consent,
                    by=self._desk,
                    now=self._at(one.accepted),
                )
            for one in todo.get("allocate", ()):
                therapist = self._therapists[one.practitioner_no]
                intake.allocate(tx, self._id(one), therapist, by=self._desk, now=self._at(one.allocated))
        if any(todo.get(what) for what in ("refer", "accept", "allocate")):
            self._house.settle()
        if allocated := todo.get("allocate"):
            self._ask_more_often(allocated)
            self._desk_books(todo)
            self._house.settle()
        self._sessions_of(day, todo.get("session", ()))

    def _ask_more_often(self, allocated: Iterable[Treatment]) -> None:
        """Somebody whose answers are to be looked at each time has a plan of their own."""
        for one in allocated:
            if way_of(one.client_no).every_session:
                with self._house.floors["feedback"].database.transaction() as tx:
                    client_id, therapist = self._id(one), self._therapists[one.practitioner_no]
                    before.ask_every_session(tx, client_id, therapist, now=self._clock.now)

    def _desk_books(self, todo: Mapping[str, list[Treatment]]) -> None:
        """The first hour is booked at allocation, each further one at the end of the hour before."""
        with self._house.floors["scheduling"].database.transaction() as tx:
            for one in todo.get("allocate", ()):
                self._book_next(tx, one, after=one.allocated)

    def _book_next(self, tx: Tx, one: Treatment, *, after: datetime, count: int = 1) -> None:
        life = self._lives[one.client_no]
        coming = [start for start in one.sessions if start > after and start not in life.booked]
        for start in coming[:count]:
            room = self._rooms[one.room_no] if one.room_no < len(self._rooms) else None
            life.booked[start] = scheduling.book(
                tx,
                client_id=life.client_id,
                practitioner_id=self._therapists[one.practitioner_no],
                room_id=room,
                local_start=start,
                first=life.past == 0,
                by=self._desk,
                now=self._clock.now,
            )

    def _sessions_of(self, day: date, sessions: Iterable[Treatment]) -> None:
        hours = sorted((start, one.client_no) for one in sessions for start in one.sessions if start.date() == day)
        over = [(start, self._lives[no]) for start, no in hours if self._end_of(start) <= self._real_now]
        if not over:
            return
        with self._house.floors["scheduling"].database.transaction() as tx:
            for start, life in over:
                self._clock.now = self._end_of(start)
                self._end_of_hour(tx, life, start)
        self._house.settle()
        now = self._clock.now
        with self._house.floors["feedback"].database.transaction() as tx:
            for start, life in over:
                felt = self._felt[life.treatment.client_no, start]
                if not felt.missed:
                    feedback.answer(tx, life.client_id, life.booked[start], felt, self._therapist(life), now=now)

    def _before_the_hours(self, day: date, sessions: Iterable[Treatment]) -> None:
        """Clients fill in what their session begins with, as far as it has begun by now."""
        hours = [(start, one) for one in sessions for start in one.sessions if start.date() == day]
        with self._house.floors["feedback"].database.transaction() as tx:
            for start, one in sorted(hours, key=lambda pair: (pair[0], pair[1].client_no)):
                life, behind = self._lives[one.client_no], self._behind(one)
                silent = plot_of(one.client_no) is falls_silent and life.past >= behind - 5
                if silent or start not in life.booked or self._end_of(start) > self._real_now:
                    continue
                place, now = (one.client_no, life.past + 1, behind), self._instant(start) - timedelta(minutes=8)
                before.answer_before(
                    tx, life.client_id, life.booked[start], self._therapist(life), place, self._rng, now=now
                )

    def _behind(self, one: Treatment) -> int:
        return sum(self._end_of(other) <= self._real_now for other in one.sessions)

    def _end_of_hour(self, tx: Tx, life: Life, start: datetime) -> None:
        one = life.treatment
        life.past += 1
        behind = self._behind(one)
        felt = plot_of(one.client_no)(life.past, behind, self._rng)
        self._felt[one.client_no, start] = felt
        scheduling.mark(tx, life.booked[start], came=not felt.missed, by=self._desk, now=self._clock.now)
        # The silent client left without a next hour; everybody else has the next two in the book.
        latest = life.past == behind
        if not (latest and plot_of(one.client_no) is falls_silent):
            self._book_next(tx, one, after=start, count=2 if latest else 1)

    def _end_of(self, start: datetime) -> datetime:
        return self._instant(start) + timedelta(minutes=MINUTES + 5)

    def _therapist(self, life: Life) -> UUID:
        return self._therapists[life.treatment.practitioner_no]

    def _id(self, one: Treatment) -> UUID:
        return self._lives[one.client_no].client_id

    def _instant(self, local: datetime) -> datetime:
        return local.replace(tzinfo=self._zone).astimezone(UTC)

    def _at(self, local: datetime) -> datetime:
        self._clock.now = self._instant(local)
        return self._clock.now


def make_demo_clinic(urls: Mapping[str, ServiceUrls], keys: Keys, config: EmbeddedConfig) -> None:
    """Invent the demo clinic, with progress on the terminal, and say how to sign in."""
    real_now = utc_now()
    clock = Moment(real_now - timedelta(weeks=WEEKS + 2))
    house = House(
        urls,
        keys,
        clock=clock,
        clinic=config.clinic,
        zone=config.zone,
        address=config.checkin_address,
        checkpoints=config.checkpoints,
    )
    today = real_now.astimezone(ZoneInfo(config.zone)).date()
    story = Story(house, clock, config, today, real_now)
    console = Console()
    columns = (
        TextColumn("Inventing half a year of a clinic"),
        BarColumn(),
        TextColumn("{task.fields[day]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("", total=story.days, day="")
        story.open_the_clinic()
        for day in story.live():
            progress.update(task, advance=1, day=f"{day:%d %b %Y}")
        story.let_staff_in()
    house.end()
    console.print(_sign_in_words(), highlight=False)


def _sign_in_words() -> str:
    accounts = [
        f"  [bold]{worker.username:<7}[/bold] {worker.display_name}, {' and '.join(worker.roles).replace('_', ' ')}"
        for worker in STAFF
    ]
    first = f"\nSign in with the password [bold]{DEMO_PASSWORD}[/bold] as"
    without = "These accounts come in without a second step; every other one sets one up first."
    return "\n".join([first, "", *accounts, "", without, f"{len(CLIENTS)} clients, all of them invented."])


def _add_account(tx: Tx, worker: Worker, staff_id: UUID, password_hash: str, now: datetime) -> None:
    add_staff(
        tx,
        staff_id=staff_id,
        username=worker.username,
        display_name=worker.display_name,
        roles=worker.roles,
        password_hash=password_hash,
        now=now,
        is_demo=True,
    )
