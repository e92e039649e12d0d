"""Episodes: opened by the reader, followed through, closed never silently."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.feedback.alliance.commands import episodes
from services.feedback.alliance.domain.kept_episodes import (
    DateNotPossible,
    EpisodeChanged,
    EpisodeNotReady,
    EpisodeUnknown,
)
from services.feedback.jobs import end_overdue_offers
from services.feedback.worklists.queries.caseload import Case, caseload
from shared.scope import Scope
from tests.feedback.practice import Practice

USUAL = (80, 82, 78, 80)
DIP = 50


def episode(practice: Practice) -> dict[str, object]:
    return practice.row("SELECT * FROM episode")


def cases(practice: Practice, scope: Scope) -> list[Case]:
    with practice.database.transaction() as tx:
        return caseload(tx, None, scope=scope, now=practice.clock()).cases


def close(practice: Practice, scope: Scope, reason: str = "settled") -> None:
    kept = episode(practice)
    with practice.database.transaction() as tx:
        episodes.close_episode(
            tx,
            UUID(str(kept["id"])),
            reason,
            expected_version=int(str(kept["version"])),
            scope=scope,
            now=practice.clock(),
        )


def test_a_clear_fall_opens_an_episode_and_a_return_closes_it(practice: Practice) -> None:
    client_id = practice.client()

    practice.course(client_id, *USUAL, DIP, 80)

    kept = episode(practice)
    assert (kept["state"], kept["close_reason"], kept["late"], kept["checkins"]) == ("repaired", "repaired", False, 1)
    assert (kept["opened_session"], kept["closed_session"]) == (5, 6)
    assert (kept["m_pre"], kept["lowest"]) == (80.0, 50.0)
    told = [k for k in practice.kinds() if k.startswith("episode")]
    assert told == ["episode.opened", "episode.closed"]


def test_three_check_ins_without_return_leave_it_unrepaired_and_a_later_one_is_late(practice: Practice) -> None:
    client_id = practice.client()

    practice.course(client_id, *USUAL, DIP, 52, 54, 52)
    assert episode(practice)["state"] == "unrepaired"
    assert episode(practice)["closed_at"] is None
    practice.course(client_id, 80)

    kept = episode(practice)
    assert (kept["state"], kept["late"]) == ("repaired", True)
    told = [k for k in practice.kinds() if k.startswith("episode")]
    assert told == ["episode.opened", "episode.changed", "episode.closed"]


def test_versions_of_every_aggregate_count_without_a_gap(practice: Practice) -> None:
    client_id = practice.client()

    practice.course(client_id, *USUAL, DIP, None, 66, 80, 80)
    practice.clock.move(days=4)
    practice.run(end_overdue_offers)

    seen: dict[tuple[str, str], list[int]] = {}
    for row in practice.told():
        seen.setdefault((row["aggregatetype"], row["aggregateid"]), []).append(row["aggregate_version"])
    assert all(versions == list(range(1, len(versions) + 1)) for versions in seen.values())
    assert {kind for kind, _ in seen} == {"check-in", "course", "episode"}


def test_a_conversation_is_noted_with_its_day(practice: Practice, ana: Scope) -> None:
    client_id = practice.client()
    practice.course(client_id, *USUAL, DIP)
    kept = episode(practice)
    episode_id, day = UUID(str(kept["id"])), practice.clock().date()

    with practice.database.transaction() as tx:
        noted = episodes.hold_conversation(tx, episode_id, day, expected_version=1, scope=ana, now=practice.clock())

    assert noted.conversation_held_on == day
    with pytest.raises(EpisodeChanged), practice.database.transaction() as tx:
        episodes.hold_conversation(tx, episode_id, day, expected_version=1, scope=ana, now=practice.clock())


@pytest.mark.parametrize("days", [-30, 3])
def test_a_conversation_is_neither_in_the_future_nor_before_the_session(
    practice: Practice, ana: Scope, days: int
) -> None:
    client_id = practice.client()
    practice.course(client_id, *USUAL, DIP)
    day = practice.clock().date() + timedelta(days=days)

    with pytest.raises(DateNotPossible), practice.database.transaction() as tx:
        episodes.hold_conversation(
            tx, UUID(str(episode(practice)["id"])), day, expected_version=1, scope=ana, now=practice.clock()
        )


def test_a_colleagues_episode_does_not_exist(practice: Practice, ben: Scope) -> None:
    client_id = practice.client()
    practice.course(client_id, *USUAL, DIP)

    with pytest.raises(EpisodeUnknown):
        close(practice, ben)


def test_a_person_closes_only_what_stayed_unrepaired_and_a_new_range_is_learnt(practice: Practice, ana: Scope) -> None:
    client_id = practice.client()
    practice.course(client_id, *USUAL, DIP)
    with pytest.raises(EpisodeNotReady):
        close(practice, ana)
    practice.course(client_id, 52, 54, 52)

    practice.clock.move(days=1)
    close(practice, ana)
    practice.course(client_id, 52, 52, 54)

    assert episode(practice)["close_reason"] == "settled"
    assert practice.states()[-3:] == ["steady", "steady", "steady"]
    assert (
        practice.rows("SELECT detail -> 'n' AS n FROM reading WHERE superseded_at IS NULL ORDER BY session_number")[-1][
            "n"
        ]
        == 2
    )


def test_an_episode_still_open_ends_unrepaired_with_the_therapy(practice: Practice) -> None:
    client_id = practice.client(allocated=False)
    allocation_id = practice.allocate(client_id)
    practice.course(client_id, *USUAL, DIP)

    practice.clock.move(days=1)
    practice.end_therapy(client_id, allocation_id)

    kept = episode(practice)
    assert (kept["state"], kept["close_reason"]) == ("unrepaired", "therapy_ended")
    assert practice.row("SELECT sentence ->> 'template' AS t FROM course")["t"] == "unrepaired_ended"
    assert practice.kinds()[-1] == "episode.closed"


def test_an_entry_made_late_is_read_where_it_belongs(practice: Practice, ana: Scope) -> None:
    """Readings that it changes are superseded and stay in the file."""
    client_id = practice.client()
    practice.course(client_id, *USUAL)
    forgotten = practice.session(client_id, None)
    practice.clock.move(days=4)
    practice.run(end_overdue_offers)
    practice.course(client_id, 80)

    practice.answer(forgotten, by=ana, b1=5, g1=5, t1=5, e1=5, o1=5)

    assert practice.states() == ["steady"] * 4 + ["rupture", "repaired"]
    before = practice.rows(
        "SELECT state FROM reading "
        "WHERE superseded_at IS NOT NULL AND session_number = 6 AND detail ->> 'total' = '80.0'"
    )
    assert [row["state"] for row in before] == ["steady"]
    assert episode(practice)["close_reason"] == "repaired"


def test_an_episode_of_which_a_correction_leaves_nothing_is_closed_as_superseded(
    practice: Practice, ana: Scope
) -> None:
    """The hour with the low answers turns out not to have been held."""
    client_id = practice.client()
    practice.course(client_id, *USUAL)
    appointment_id = practice.session(client_id, DIP)
    hour = practice.hour(client_id, appointment_id=appointment_id)

    practice.tell("reopened", hour, previous_status="completed", status="booked", reopened_at=practice.clock())

    assert episode(practice)["close_reason"] == "superseded"
    assert practice.kinds()[-1] == "episode.closed"


def test_the_caseload_begins_with_whom_to_talk_to(practice: Practice, ana: Scope) -> None:
    calm = practice.client()
    repairing = practice.client()
    worse = practice.client()
    ruptured = practice.client()
    new = practice.client()
    practice.course(calm, *USUAL)
    practice.course(repairing, *USUAL, 40, 70)
    practice.course(worse, *USUAL, 78)
    practice.session(worse, 78, r1="yes", r2="worse")
    practice.course(ruptured, *USUAL, DIP)

    found = cases(practice, ana)

    assert [case.client_id for case in found[:3]] == [worse, ruptured, repairing]
    assert {case.client_id for case in found[3:]} == {calm, new}
    assert [case.needs_conversation for case in found] == [True, True, False, False, False]
    assert [reason.code for reason in found[1].reasons] == ["rupture", "conversation_open"]
    assert {case.client_id: case.state for case in found}[new] is None


def test_once_talked_about_others_come_first(practice: Practice, ana: Scope) -> None:
    talked, silent = practice.client(), practice.client()
    practice.course(talked, *USUAL, 40)
    practice.course(silent, *USUAL, DIP)
    of_talked = practice.row("SELECT id FROM episode WHERE client_id = %s", talked)
    with practice.database.transaction() as tx:
        episodes.hold_conversation(
            tx, of_talked["id"], practice.clock().date(), expected_version=1, scope=ana, now=practice.clock()
        )

    found = cases(practice, ana)

    assert [(case.client_id, case.needs_conversation) for case in found] == [(silent, True), (talked, False)]
    assert [case.conversation_held for case in found] == [False, True]


def test_a_second_course_on_another_measure_doubles_nobody(practice: Practice, ana: Scope) -> None:
    client_id = practice.client()
    practice.course(client_id, *USUAL, DIP)
    with practice.database.transaction() as tx:
        tx.execute(
            "INSERT INTO course (id, client_id, practitioner_id, measure_id, measure_version, rules_version, "
            "construct, created_at) "
            "SELECT gen_random_uuid(), client_id, practitioner_id, 'phq-9', 1, '', 'outcome', created_at FROM course"
        )

    (case,) = cases(practice, ana)

    assert (case.state, case.sessions) == ("rupture", 5)


def test_a_long_caseload_comes_in_pages_that_leave_nobody_out(practice: Practice, ana: Scope) -> None:
    everybody = {practice.client() for _ in range(7)}
    worst = practice.client()
    practice.course(worst, 80, 82, 78, 30)

    seen: list[UUID] = []
    sizes: list[int] = []
    after: tuple[str, ...] | None = None
    for _ in range(5):
        with practice.database.transaction() as tx:
            page = caseload(tx, None, after=after, limit=3, scope=ana, now=practice.clock())
        seen += [case.client_id for case in page.cases]
        sizes.append(len(page.cases))
        after = page.next_after
        if after is None:
            break

    assert sizes == [3, 3, 2]
    assert seen[0] == worst
    assert (len(seen), set(seen)) == (8, everybody | {worst})


def test_a_caseload_shows_own_clients_alone(practice: Practice, ana: Scope, ben: Scope, lead: Scope) -> None:
    from tests.cast import BEN

    mine, theirs = practice.client(), practice.client(BEN.id)

    assert [case.client_id for case in cases(practice, ana)] == [mine]
    assert [case.client_id for case in cases(practice, ben)] == [theirs]
    assert {case.client_id for case in cases(practice, lead)} == {mine, theirs}
