"""Who sees which hours: the desk all, therapists their own; what is not theirs does not exist for them."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from services.scheduling.appointments import queries
from services.scheduling.appointments.domain.appointment import Appointment, AppointmentUnknown
from services.scheduling.appointments.domain.booking import Window
from services.scheduling.appointments.domain.status import Status
from services.scheduling.availability.queries import suggestions
from services.scheduling.care.domain import ClientNotAllocated, ClientUnknown, NotYourDiary
from shared.scope import Scope
from tests.scheduling.practice import NOW, TUESDAY_15, Practice, days


def listed(
    practice: Practice,
    scope: Scope,
    *,
    after: tuple[datetime, UUID] | None = None,
    limit: int = 200,
    practitioner_id: UUID | None = None,
    client_id: UUID | None = None,
) -> list[Appointment]:
    window = Window(practitioner_id=practitioner_id, client_id=client_id)
    return practice.run(lambda tx: queries.appointments_in(tx, window, after=after, limit=limit, scope=scope, now=NOW))


def role(*roles: str, actor: UUID | None = None) -> Scope:
    return Scope(actor or uuid4(), frozenset(roles), "test", "portal")


@pytest.mark.parametrize("who", ["front_desk", "manager", "clinical_lead"])
def test_the_desk_sees_all_diaries(practice: Practice, who: str) -> None:
    practice.book()
    practice.book(client_id=practice.noor, practitioner_id=practice.ben)

    assert len(listed(practice, role(who))) == 2


def test_a_therapist_sees_their_own_diary_alone(practice: Practice) -> None:
    anas = practice.book()
    bens = practice.book(client_id=practice.noor, practitioner_id=practice.ben)
    ben = practice.therapist(practice.ben)

    assert [a.id for a in listed(practice, ben)] == [bens.id]
    assert listed(practice, ben, practitioner_id=practice.ana) == []
    assert listed(practice, ben, client_id=practice.mara) == []
    with pytest.raises(AppointmentUnknown):
        practice.run(lambda tx: queries.appointment(tx, anas.id, scope=ben, now=NOW))


@pytest.mark.parametrize("who", ["supervisor", "operator", "integrator", "checkin"])
def test_other_roles_open_no_diary_not_even_with_a_practitioners_id(practice: Practice, who: str) -> None:
    practice.book()

    assert listed(practice, role(who, actor=practice.ana)) == []


def test_a_therapist_learns_nothing_of_a_client_who_is_not_theirs(practice: Practice) -> None:
    """A client of a colleague and a client who does not exist look the same."""
    ben = practice.therapist(practice.ben)

    with pytest.raises(ClientUnknown) as of_a_colleague:
        practice.book(practitioner_id=practice.ben, scope=ben)
    with pytest.raises(ClientUnknown) as of_nobody:
        practice.book(client_id=uuid4(), practitioner_id=practice.ben, scope=ben)

    assert str(of_a_colleague.value) == str(of_nobody.value)


def test_a_therapist_whose_client_left_them_is_told_so(practice: Practice) -> None:
    practice.allocate(practice.mara, practice.ben, at=NOW + days(1))

    with pytest.raises(ClientNotAllocated):
        practice.book(scope=practice.therapist(practice.ana))


def test_next_and_last_hours_come_in_the_order_asked(practice: Practice) -> None:
    past = practice.book(local_start=TUESDAY_15 - days(8))
    practice.mark(past, Status.COMPLETED, now=past.ends_at)
    cancelled = practice.book(local_start=TUESDAY_15 - days(1))
    practice.mark(cancelled, Status.CLIENT_CANCELLED, now=NOW)
    coming, later = practice.book(), practice.book(local_start=TUESDAY_15 + days(7))
    stranger = uuid4()

    mara, nobody, noor = practice.run(
        lambda tx: queries.neighbours(
            tx, [practice.mara, stranger, practice.noor], scope=practice.desk(), now=NOW + days(1)
        )
    )

    assert mara.next is not None
    assert mara.last is not None
    assert (mara.next.id, mara.last.id) == (coming.id, past.id)
    assert (nobody.next, nobody.last, noor.next) == (None, None, None)
    assert later.starts_at > coming.starts_at


def test_a_running_hour_is_next_until_it_is_marked(practice: Practice) -> None:
    booked = practice.book()
    during = booked.starts_at + timedelta(minutes=10)

    def neighbours() -> queries.Neighbours:
        return practice.run(lambda tx: queries.neighbours(tx, [practice.mara], scope=practice.desk(), now=during))[0]

    assert (neighbours().next or booked).id == booked.id
    assert neighbours().last is None
    practice.mark(booked, Status.COMPLETED, now=during)
    assert neighbours().next is None
    assert neighbours().last is not None


def test_neighbours_of_a_colleagues_client_are_not_shown(practice: Practice) -> None:
    practice.book()

    [mara] = practice.run(
        lambda tx: queries.neighbours(tx, [practice.mara], scope=practice.therapist(practice.ben), now=NOW)
    )

    assert (mara.next, mara.last) == (None, None)


def test_suggestions_avoid_what_both_have_planned(practice: Practice) -> None:
    practice.book()
    other = uuid4()
    practice.welcome(other, "K-2000", practice.ana)
    practice.book(client_id=other, local_start=TUESDAY_15 + days(7))

    found = practice.run(
        lambda tx: suggestions(
            tx, client_id=practice.mara, practitioner_id=practice.ana, minutes=None, scope=practice.desk(), now=NOW
        )
    )

    usual = [s.local_start for s in found if s.is_usual]
    assert usual == [TUESDAY_15 - days(7), TUESDAY_15 + days(14)]
    assert len(found) == 5


def test_suggestions_are_for_the_own_diary(practice: Practice) -> None:
    with pytest.raises(NotYourDiary):
        practice.run(
            lambda tx: suggestions(
                tx,
                client_id=practice.noor,
                practitioner_id=practice.ben,
                minutes=None,
                scope=practice.therapist(practice.ana),
                now=NOW,
            )
        )


def test_whoever_reads_about_clients_is_written_down(practice: Practice) -> None:
    practice.book()
    practice.book(client_id=practice.noor, practitioner_id=practice.ben)

    listed(practice, practice.desk())
    listed(practice, practice.desk(), client_id=uuid4())

    reads = [about for action, about in practice.audited() if action == "appointment.read"]
    assert [set(about) for about in reads] == [{practice.mara, practice.noor}]


def test_more_than_250_entries_are_paged_without_loss(practice: Practice) -> None:
    for start in range(9, 14):
        practice.book_series(60, local_start=TUESDAY_15.replace(hour=start))

    seen: list[UUID] = []
    after = None
    while page := listed(practice, practice.desk(), after=after, limit=70):
        seen += [a.id for a in page]
        after = (page[-1].starts_at, page[-1].id)

    assert len(seen) == len(set(seen)) == 300
