"""What every part of the contract stands on: a log, topics of one's own, members that leave at the end."""

from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from shared.eventlog.connect import open_log
from shared.eventlog.interface import (
    EventLog,
    LogError,
    Subscription,
)
from tests.broker.reading import (
    new_name,
)
from tests.broker.subjects import open_impatient

Member = Callable[..., Subscription]


class Contract:
    """Subclasses give `url` and declare in what they differ."""

    handover_seconds: float  # how long a partition may be without a reader when a member comes or goes
    offsets_have_no_gaps: bool

    @pytest.fixture
    def url(self) -> str:
        raise NotImplementedError

    @pytest.fixture
    def log(self, url: str) -> Iterator[EventLog]:
        opened = open_log(url, name="contract")
        yield opened
        opened.close()

    @pytest.fixture
    def impatient(self, url: str) -> Iterator[EventLog]:
        opened = open_impatient(url)
        yield opened
        opened.close()

    @pytest.fixture
    def topic(self, log: EventLog) -> str:
        name = new_name("rapport.contract")
        log.create_topic(name)
        return name

    @pytest.fixture
    def narrow(self, log: EventLog) -> str:
        """A topic of one partition: everything in one order."""
        name = new_name("rapport.narrow")
        log.create_topic(name, partitions=1)
        return name

    @pytest.fixture
    def group(self) -> str:
        return new_name("readers")

    @pytest.fixture
    def join(self, log: EventLog, group: str) -> Iterator[Member]:
        """Join the group; every member leaves at the end of the test."""
        members: list[Subscription] = []

        def join(topic: str, *, of: EventLog = log, group: str = group, start: str = "earliest") -> Subscription:
            members.append(of.subscribe(group, [topic], start=start))  # type: ignore[arg-type]
            return members[-1]

        yield join
        for member in members:
            with suppress(LogError):
                member.close()
