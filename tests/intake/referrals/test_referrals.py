"""A referral comes in, is decided once, and tells the others no name."""

import threading
from dataclasses import replace
from datetime import timedelta

import psycopg
import pytest
from psycopg import sql

from services.intake.client_file import queries as files
from services.intake.people import queries as people
from services.intake.people.domain.clients import ChangedMeanwhile, ClientState
from services.intake.people.domain.refusals import FieldsRefused
from services.intake.referrals import commands as referrals
from services.intake.referrals import queries as referral_queries
from services.intake.referrals.domain.referral import NewReferral, ReferralDecided, ReferralState, ReferralUnknown
from shared.database import Database, Tx
from shared.database.provision import ServiceUrls
from shared.ids import uuid7
from shared.scope import Scope
from shared.security.sealing import CannotOpen
from tests.intake.conftest import ANA, NOW
from tests.intake.desk import CARE_RECORD, FORMS, MARA, NOOR, allocated, kinds, referred, told


def test_a_referral_registers_the_person_it_is_about(tx: Tx, dana: Scope) -> None:
    referral = referred(tx, dana, NOW)

    file = files.read_client(tx, referral.client_id, scope=dana, now=NOW)
    assert file is not None
    assert file.identity == MARA
    assert file.client.state is ClientState.WAITING_FOR_DECISION
    assert (referral.state, referral.spoken_code) == (ReferralState.RECEIVED, "K-1001")


def test_spoken_codes_are_unique(tx: Tx, dana: Scope) -> None:
    codes = [referred(tx, dana, NOW, NOOR).spoken_code for _ in range(3)]

    assert codes == ["K-1001", "K-1002", "K-1003"]


def test_nothing_is_kept_of_a_referral_that_is_turned_away(tx: Tx, dana: Scope) -> None:
    with pytest.raises(FieldsRefused):
        referrals.receive_referral(tx, NewReferral(replace(MARA, phone="?"), "B1"), scope=dana, now=NOW)

    assert tx.value("SELECT count(*) FROM client") == 0
    assert told(tx) == []


def test_the_consents_follow_the_yes_in_the_order_of_the_clients_versions(tx: Tx, dana: Scope) -> None:
    referral = referred(tx, dana, NOW)

    accepted = referrals.accept_referral(
        tx, referral.referral_id, [CARE_RECORD, FORMS], expected_version=1, scope=dana, now=NOW + timedelta(hours=1)
    )

    assert (accepted.state, accepted.version, accepted.decided_at) == ("accepted", 2, NOW + timedelta(hours=1))
    assert kinds(tx) == [
        "client.registered",
        "referral.received",
        "referral.accepted",
        "consent.recorded",
        "consent.recorded",
    ]
    versions = [(row["aggregatetype"], row["aggregate_version"]) for row in told(tx)]
    assert versions == [("client", 1), ("referral", 1), ("referral", 2), ("client", 2), ("client", 3)]


def test_a_referral_is_not_accepted_without_a_yes_to_keeping_a_record(tx: Tx, dana: Scope) -> None:
    referral = referred(tx, dana, NOW)

    with pytest.raises(FieldsRefused):
        referrals.accept_referral(tx, referral.referral_id, [FORMS], scope=dana, now=NOW)

    assert referral_queries.list_referrals(tx, state=ReferralState.RECEIVED, scope=dana, now=NOW).found == [
        replace(referral, note=None, has_note=True)
    ]


def test_a_declined_referral_ends_the_clients_way_with_its_reason(tx: Tx, dana: Scope) -> None:
    referral = referred(tx, dana, NOW)

    declined = referrals.decline_referral(tx, referral.referral_id, "11", scope=dana, now=NOW)

    assert (declined.state, declined.reason_code, declined.version) == ("declined", "11", 2)
    assert people.list_clients(tx, scope=dana, now=NOW).found[0].state is ClientState.DECLINED
    assert told(tx)[-1]["data"]["reason_code"] == "11"


@pytest.mark.parametrize("code", ["46", "zz", ""])
def test_declining_needs_a_reason_for_declining(tx: Tx, dana: Scope, code: str) -> None:
    referral = referred(tx, dana, NOW)

    with pytest.raises(FieldsRefused):
        referrals.decline_referral(tx, referral.referral_id, code, scope=dana, now=NOW)


def test_a_referral_is_decided_once(tx: Tx, dana: Scope) -> None:
    referral = referred(tx, dana, NOW)
    referrals.accept_referral(tx, referral.referral_id, [CARE_RECORD], scope=dana, now=NOW)

    with pytest.raises(ReferralDecided):
        referrals.decline_referral(tx, referral.referral_id, "11", scope=dana, now=NOW)


def test_who_decides_on_an_old_page_is_told_so(tx: Tx, dana: Scope) -> None:
    referral = referred(tx, dana, NOW)
    referrals.accept_referral(tx, referral.referral_id, [CARE_RECORD], expected_version=1, scope=dana, now=NOW)

    with pytest.raises(ChangedMeanwhile):
        referrals.decline_referral(tx, referral.referral_id, "11", expected_version=1, scope=dana, now=NOW)


def test_a_therapist_cannot_decide_on_a_referral_they_cannot_see(tx: Tx, dana: Scope, ana: Scope) -> None:
    referral = referred(tx, dana, NOW)

    with pytest.raises(ReferralUnknown):
        referrals.accept_referral(tx, referral.referral_id, [CARE_RECORD], scope=ana, now=NOW)
    with pytest.raises(ReferralUnknown):
        referrals.accept_referral(tx, uuid7(), [CARE_RECORD], scope=dana, now=NOW)


def test_two_who_decide_at_once_make_one_decision(database: Database, dana: Scope) -> None:
    with database.transaction() as tx:
        referral = referred(tx, dana, NOW)
    outcomes: list[str] = []
    together = threading.Barrier(2)

    def decide(accept: bool) -> None:
        together.wait(5)
        try:
            with database.transaction() as tx:
                if accept:
                    referrals.accept_referral(tx, referral.referral_id, [CARE_RECORD], scope=dana, now=NOW)
                else:
                    referrals.decline_referral(tx, referral.referral_id, "11", scope=dana, now=NOW)
            outcomes.append("decided")
        except ReferralDecided:
            outcomes.append("too late")

    threads = [threading.Thread(target=decide, args=(accept,)) for accept in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)

    assert sorted(outcomes) == ["decided", "too late"]


def test_no_name_and_no_note_is_readable_in_the_database(database: Database, dana: Scope, urls: ServiceUrls) -> None:
    with database.transaction() as tx:
        referred(tx, dana, NOW)

    everything = ""
    with psycopg.connect(urls.owner) as owner:
        tables = owner.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND relname <> 'schema_migrations'"
        ).fetchall()
        for (table,) in tables:
            rows = owner.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(table)))
            everything += "\n".join(str(row[0]) for row in rows)
    canaries = [MARA.given_name, "Łukasz", "Neil", "1990-02-28", "2345 6789", "Example.org", "messages", "sleep"]
    leaks = [c for c in canaries if c in everything or c.encode().hex() in everything]
    assert leaks == []
    assert "K-1001" in everything


def test_a_sealed_field_moved_to_another_client_does_not_open(tx: Tx, dana: Scope) -> None:
    mara, noor = referred(tx, dana, NOW).client_id, referred(tx, dana, NOW, NOOR).client_id
    tx.execute(
        "UPDATE identity SET given_name = (SELECT given_name FROM identity WHERE client_id = %s) WHERE client_id = %s",
        (mara, noor),
    )

    with pytest.raises(CannotOpen):
        files.read_client(tx, noor, scope=dana, now=NOW)


@pytest.mark.usefixtures("practitioners")
def test_the_referrers_note_is_for_the_lead_and_the_clients_therapist_and_closed_to_the_desk(
    tx: Tx, dana: Scope, ana: Scope, ben: Scope
) -> None:
    allocated(tx, dana, NOW, ANA)
    [referral] = referral_queries.list_referrals(tx, scope=dana, now=NOW).found
    both = replace(ben, roles=frozenset({"therapist", "front_desk"}))  # a desk's wide view makes no therapist of them

    def note(scope: Scope) -> str | None:
        read = referral_queries.read_referral(tx, referral.referral_id, scope=scope, now=NOW)
        assert read is not None
        assert read.has_note
        return read.note

    lead, manager = (replace(dana, roles=frozenset({role})) for role in ("clinical_lead", "manager"))
    assert [note(one) for one in (lead, ana)] == ["Asks for help with sleep."] * 2
    assert [note(one) for one in (dana, manager, both)] == [None] * 3
    assert referral_queries.read_referral(tx, referral.referral_id, scope=ben, now=NOW) is None
    assert referral_queries.read_referral(tx, uuid7(), scope=dana, now=NOW) is None


def test_a_list_is_read_in_pages_without_losing_or_doubling_anyone(tx: Tx, dana: Scope) -> None:
    every = [referred(tx, dana, NOW + timedelta(minutes=n // 2), NOOR).referral_id for n in range(7)]

    for descending in (False, True):
        seen, after = [], None
        while True:
            page = referral_queries.list_referrals(tx, descending=descending, after=after, limit=3, scope=dana, now=NOW)
            seen += [referral.referral_id for referral in page.found]
            after = page.end
            if after is None:
                break
        assert seen == (every[::-1] if descending else every)
