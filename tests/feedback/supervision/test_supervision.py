"""Supervision: who supervises whom, what a weekly pack holds, and what stays between client and therapist."""

from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from services.feedback.supervision.domain.weeks import week_of
from shared.database.provision import ServiceUrls
from shared.ids import uuid7
from tests.cast import ANA, BEN, CHRIS, DANA, LEAD, SAM
from tests.feedback.outcome.treatments import sessions as outcomes
from tests.feedback.practice import Caller, Practice, marks
from tests.trail import trail

Speak = Callable[..., Caller]
GOOD = (80, 82, 78, 80)


@pytest.fixture
def sam(practice: Practice, call: Speak) -> Caller:
    """Ana's supervisor, asking for the purpose of supervision."""
    arrange(call, ANA.id, SAM.id)
    return call("supervisor", actor=SAM.id, purpose="supervision")


def arrange(call: Speak, therapist: UUID, *supervisors: UUID) -> Any:
    body = {"practitioner_id": str(therapist), "supervisor_ids": [str(one) for one in supervisors]}
    answer = call("clinical_lead", actor=LEAD.id).put("/v1/supervisions", body)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()["items"]


def supervised(practice: Practice, therapist: UUID = ANA.id) -> UUID:
    """A client who agreed to supervision."""
    client_id = practice.client(therapist)
    practice.consent(client_id, purpose="supervision")
    return client_id


def ruptured(practice: Practice, **answers: Any) -> UUID:
    """A client of Ana's whose last session, just now, went badly."""
    client_id = supervised(practice)
    practice.course(client_id, *GOOD)
    practice.session(client_id, 40, **answers)
    return client_id


def this_week(practice: Practice) -> str:
    return str(week_of(practice.clock(), UTC))


def next_week(practice: Practice) -> None:
    practice.clock.now = week_of(practice.clock(), UTC).ends_at + timedelta(hours=9)


def pack(caller: Caller, therapist: UUID = ANA.id, **query: Any) -> Any:
    answer = caller.get("/v1/supervision/packs", practitioner_id=str(therapist), **query)
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def sections(shown: Any) -> list[tuple[str, str]]:
    return [(item["section"], item["spoken_code"]) for item in shown["items"]]


def templates(shown: Any) -> list[str]:
    return [sentence["template"] for item in shown["items"] for sentence in item["sentences"]]


# Who reads what


def test_a_supervisor_reads_the_packs_of_their_supervisees_and_of_nobody_else(
    practice: Practice, call: Speak, sam: Caller
) -> None:
    ruptured(practice)

    assert sections(pack(sam)) == [("new_rupture", "K-1001")]
    for whose in (BEN.id, uuid7()):
        assert sam.get("/v1/supervision/packs", practitioner_id=str(whose)).status_code == 404


def test_a_supervisor_reads_no_caseload_no_course_and_no_answer(practice: Practice, sam: Caller) -> None:
    client_id = ruptured(practice)
    offer = practice.offer(practice.hold(client_id)).id

    refused = [
        sam.get("/v1/caseload"),
        sam.get("/v1/caseload", practitioner_id=str(ANA.id)),
        sam.get(f"/v1/clients/{client_id}/course"),
        sam.get("/v1/offers"),
        sam.post(f"/v1/offers/{offer}/answers", {"answers": {}}),
        sam.post(f"/v1/clients/{client_id}/restart", {"reason": "other"}),
    ]

    assert [answer.status_code for answer in refused] == [403] * len(refused)


def test_the_role_alone_the_relationship_alone_and_another_purpose_open_nothing(
    practice: Practice, call: Speak
) -> None:
    ruptured(practice)
    arrange(call, ANA.id, SAM.id)
    asked = {
        "role without relationship": call("supervisor", actor=BEN.id, purpose="supervision"),
        "relationship without role": call("therapist", actor=SAM.id, purpose="supervision"),
        "another purpose": call("supervisor", actor=SAM.id, purpose="care"),
    }

    codes = {
        what: who.get("/v1/supervision/packs", practitioner_id=str(ANA.id)).status_code for what, who in asked.items()
    }

    assert codes == dict.fromkeys(asked, 404)
    for role, who in (("clinical_lead", LEAD), ("manager", CHRIS), ("front_desk", DANA)):
        caller = call(role, actor=who.id, purpose="supervision")
        assert caller.get("/v1/supervision/packs", practitioner_id=str(ANA.id)).status_code == 403


def test_a_therapist_reads_the_same_pack_of_their_own_work_and_nobody_elses(
    practice: Practice, call: Speak, sam: Caller
) -> None:
    ruptured(practice)
    own = call("therapist", actor=ANA.id)

    assert pack(own) == pack(sam)
    assert own.get("/v1/supervision/packs").get_json() == pack(sam)
    assert own.get("/v1/supervision/packs", practitioner_id=str(BEN.id)).status_code == 404


def test_ended_supervision_closes_at_once_and_stays_in_the_history(
    practice: Practice, call: Speak, sam: Caller
) -> None:
    ruptured(practice)
    pack(sam)
    practice.clock.move(minutes=1)

    arrange(call, ANA.id, LEAD.id)

    assert sam.get("/v1/supervision/packs", practitioner_id=str(ANA.id)).status_code == 404
    seen = call("manager", actor=CHRIS.id).get("/v1/supervisions", ended="true").get_json()["items"]
    assert [(one["supervisor_id"], one["until"] is None) for one in seen] == [
        (str(LEAD.id), True),
        (str(SAM.id), False),
    ]
    assert sam.get("/v1/supervisions").get_json()["items"] == []


def test_supervision_is_arranged_by_those_who_run_the_clinic_and_never_of_oneself(
    practice: Practice, call: Speak
) -> None:
    body = {"practitioner_id": str(ANA.id), "supervisor_ids": [str(SAM.id)]}
    codes = {
        role: call(role, actor=ANA.id).put("/v1/supervisions", body).status_code
        for role in ("therapist", "supervisor", "front_desk", "manager", "clinical_lead")
    }
    own = call("manager").put("/v1/supervisions", {"practitioner_id": str(ANA.id), "supervisor_ids": [str(ANA.id)]})

    assert codes == {"therapist": 403, "supervisor": 403, "front_desk": 403, "manager": 200, "clinical_lead": 200}
    assert own.status_code == 422
    lines = trail(practice.database, "supervision.arranged")
    assert [row["about"] for row in lines] == [[ANA.id, SAM.id]] * 2


def test_arranging_the_same_again_begins_nothing_anew(practice: Practice, call: Speak) -> None:
    first = arrange(call, ANA.id, SAM.id, SAM.id)
    practice.clock.move(days=1)

    assert arrange(call, ANA.id, SAM.id) == first
    assert len(first) == 1


def test_people_see_the_pairs_they_are_part_of(practice: Practice, call: Speak) -> None:
    arrange(call, ANA.id, SAM.id)
    arrange(call, BEN.id, LEAD.id)

    def pairs(role: str, actor: UUID) -> list[tuple[str, str]]:
        items = call(role, actor=actor).get("/v1/supervisions").get_json()["items"]
        return [(one["supervisor_id"], one["practitioner_id"]) for one in items]

    assert pairs("therapist", ANA.id) == pairs("supervisor", SAM.id) == [(str(SAM.id), str(ANA.id))]
    assert len(pairs("manager", CHRIS.id)) == 2


# What the client decides


def test_only_who_agreed_to_supervision_is_in_a_pack_and_a_withdrawal_counts_at_once(
    practice: Practice, sam: Caller
) -> None:
    start = practice.clock()
    agreed = ruptured(practice)
    practice.clock.now = start
    practice.course(practice.client(), *GOOD, 40)
    practice.clock.now = start
    ruptured(practice)

    shown = pack(sam)
    practice.consent(agreed, "withdrawn", "supervision")
    after = pack(sam)

    assert sections(shown) == [("new_rupture", "K-1001"), ("new_rupture", "K-1003")]
    assert sections(after) == [("new_rupture", "K-1003")]
    assert "1002" not in str(shown)


def test_what_was_not_shared_is_in_no_pack(practice: Practice, sam: Caller) -> None:
    client_id = supervised(practice)
    practice.course(client_id, *GOOD)
    practice.session(client_id, 30, r1="yes", s1="not", w1="canarywish", w1_readers="supervision")

    assert pack(sam)["items"] == []
    next_week(practice)
    assert pack(sam)["items"] == []


def test_answers_for_after_the_session_wait_for_their_hour(practice: Practice, sam: Caller) -> None:
    client_id = supervised(practice)
    practice.course(client_id, *GOOD)
    practice.session(client_id, 30, r1="yes", s1="after")

    assert pack(sam)["items"] == []


@pytest.mark.parametrize(("readers", "seen"), [("supervision", "More pauses"), ("therapist", None), (None, None)])
def test_the_words_of_a_wish_are_read_only_where_their_writer_says_so(
    practice: Practice, sam: Caller, readers: str | None, seen: str | None
) -> None:
    more = {"w1_readers": readers} if readers else {}
    ruptured(practice, r1="yes", w1="More pauses", **more)

    [item] = pack(sam)["items"]

    assert item["wish"] == seen


# What is in it


def test_a_new_rupture_tells_what_happened_and_what_was_done_about_it(
    practice: Practice, call: Speak, sam: Caller
) -> None:
    client_id = ruptured(practice, r1="yes", r2="not_mentioned")

    [item] = pack(sam)["items"]

    assert (item["section"], item["client_id"], item["talked_about"]) == ("new_rupture", str(client_id), False)
    assert [s["template"] for s in item["sentences"]] == ["rupture_said_so"]
    assert (item["episode"]["verdict"], item["episode"]["lowest"]) == ("not_mentioned", 40.0)
    assert "own_part" in item["prompts"]
    assert not {"name", "answers", "items", "totals"} & set(item)


def test_an_episode_stands_in_one_place_week_by_week(practice: Practice, sam: Caller) -> None:
    client_id = ruptured(practice)
    seen = [sections(pack(sam))]
    for total in (50, 50, 50, 80):
        practice.session(client_id, total)
        seen.append(sections(pack(sam)))

    assert seen == [
        [("new_rupture", "K-1001")],
        [],
        [("conversation_due", "K-1001")],
        [("unrepaired", "K-1001")],
        [("repaired", "K-1001")],
    ]
    first = pack(sam, week=str(week_of(practice.clock() - timedelta(weeks=4), UTC)))
    assert sections(first) == [("new_rupture", "K-1001")]
    assert (first["next_week"] is not None, pack(sam)["next_week"]) == (True, None)


def test_talked_about_is_no_longer_due(practice: Practice, call: Speak, sam: Caller) -> None:
    client_id = ruptured(practice)
    practice.session(client_id, 50)
    episode = practice.row("SELECT id, version FROM episode")
    held_on = practice.clock().date().isoformat()
    noted = call("therapist", actor=ANA.id).post(
        f"/v1/episodes/{episode['id']}/conversation", {"held_on": held_on}, version=episode["version"]
    )
    practice.session(client_id, 50)

    assert noted.status_code == 200
    assert pack(sam)["items"] == []


def test_therapy_that_ended_while_it_was_open_is_looked_at_in_that_week(
    practice: Practice, call: Speak, sam: Caller
) -> None:
    client_id = practice.client(allocated=False)
    practice.consent(client_id, purpose="supervision")
    allocation = practice.allocate(client_id)
    practice.course(client_id, *GOOD, 40)
    practice.clock.move(days=7)
    practice.end_therapy(client_id, allocation)

    [item] = pack(sam)["items"]
    own = pack(call("therapist", actor=ANA.id))["items"]
    next_week(practice)

    assert (item["section"], item["sentences"][-1]["template"]) == ("unrepaired", "unrepaired_ended")
    assert own == [item]
    assert pack(sam)["items"] == []


def test_a_client_who_has_a_new_therapist_is_in_the_new_ones_packs_alone(
    practice: Practice, call: Speak, sam: Caller
) -> None:
    client_id = ruptured(practice)

    practice.allocate(client_id, BEN.id)

    assert pack(sam)["items"] == []
    assert pack(call("therapist", actor=ANA.id))["items"] == []


def differ(practice: Practice, client_id: UUID, **client: Any) -> None:
    """A session that the client felt as strained and the therapist did not."""
    appointment_id = practice.session(client_id, 80, r1="a_little", **client)
    practice.answer(appointment_id, "therapist", t_r1="no", **marks(80, "t_"))


def test_where_two_views_differ_is_the_therapists_alone_until_the_week_is_over(
    practice: Practice, call: Speak, sam: Caller
) -> None:
    client_id = supervised(practice)
    practice.course(client_id, *GOOD)
    differ(practice, client_id)
    week = this_week(practice)

    early = pack(sam)
    ahead = sam.get(
        "/v1/supervision/packs", practitioner_id=str(ANA.id), week=str(week_of(practice.clock(), UTC).after)
    )
    next_week(practice)
    shown = pack(sam)
    kept_back = pack(sam, week=week)

    assert early["items"] == kept_back["items"] == []
    assert ahead.status_code == 422
    assert sections(shown) == [("unseen_strain", "K-1001")]
    assert templates(shown) == ["supervised_unseen_said"]
    next_week(practice)
    assert pack(sam)["items"] == []


def test_a_rupture_in_the_pack_does_not_tell_that_it_was_unseen(practice: Practice, sam: Caller) -> None:
    client_id = ruptured(practice, r1="yes")
    practice.answer(
        practice.row("SELECT appointment_id FROM hour ORDER BY starts_at DESC")["appointment_id"],
        "therapist",
        t_r1="no",
        **marks(80, "t_"),
    )

    shown = pack(sam)

    assert client_id
    assert sections(shown) == [("new_rupture", "K-1001")]
    assert not any("unseen" in template or "noted_alone" in template for template in templates(shown))


def test_who_is_reliably_worse_is_in_the_pack_of_the_week_that_says_so(practice: Practice, sam: Caller) -> None:
    worse, silent = practice.client(consent=False), practice.client(consent=False)
    practice.consent(worse, purpose="supervision")
    start = practice.clock()
    for client_id in (worse, silent):
        practice.clock.now = start
        outcomes(practice, client_id, [12, 15, 20])

    shown = pack(sam)
    before = pack(sam, week=str(week_of(practice.clock(), UTC).before))

    assert sections(shown) == [("deteriorated", "K-1001")]
    assert templates(shown) == ["outcome_deteriorated"]
    assert (shown["items"][0]["episode"], before["items"]) == (None, [])


def test_need_comes_first_whoever_wrote_when(practice: Practice, sam: Caller) -> None:
    start = practice.clock()
    for answers in ({}, {"r1": "yes", "r2": "worse"}, {"r1": "yes", "r2": "mentioned"}):
        practice.clock.now = start
        ruptured(practice, **answers)

    assert sections(pack(sam)) == [("new_rupture", code) for code in ("K-1002", "K-1001", "K-1003")]


def test_a_quiet_week_has_an_empty_pack(practice: Practice, sam: Caller) -> None:
    practice.course(supervised(practice), *GOOD)

    shown = pack(sam)

    assert shown["items"] == []
    assert shown["previous_week"] < shown["week"]


@pytest.mark.parametrize("week", ["2026-W54", "2026-48", "1999-W01", "2026-W00", "x", "２０２６-W10"])
def test_a_week_that_is_none_is_refused_by_name(practice: Practice, sam: Caller, week: str) -> None:
    answer = sam.get("/v1/supervision/packs", practitioner_id=str(ANA.id), week=week)

    assert answer.status_code in (400, 422)
    assert answer.get_json()["errors"][0]["field"] == "week"


# Points agreed on


def point(practice: Practice, about: UUID, **more: Any) -> dict[str, Any]:
    return {
        "practitioner_id": str(ANA.id),
        "client_id": str(about),
        "week": this_week(practice),
        "code": "talk_about_it",
        **more,
    }


def test_a_point_is_read_by_the_two_who_agreed_on_it(practice: Practice, call: Speak, sam: Caller) -> None:
    client_id = ruptured(practice)
    arrange(call, ANA.id, SAM.id, LEAD.id)

    noted = sam.post("/v1/supervision/points", point(practice, client_id, text=" canarypoint "))
    practice.clock.move(minutes=1)

    assert noted.status_code == 201, noted.get_json()
    assert "canarypoint" not in noted.get_data(as_text=True)
    for reader in (sam, call("therapist", actor=ANA.id)):
        [kept] = pack(reader)["items"][0]["points"]
        assert (kept["code"], kept["text"], kept["week"]) == ("talk_about_it", "canarypoint", this_week(practice))
    second = call("supervisor", actor=LEAD.id, purpose="supervision")
    assert pack(second)["items"][0]["points"] == []


def test_the_words_of_a_point_are_kept_sealed(practice: Practice, sam: Caller, urls: ServiceUrls) -> None:
    client_id = ruptured(practice)
    key = str(uuid7())

    for _ in range(2):
        body = point(practice, client_id, text="canarypoint")
        assert sam.post("/v1/supervision/points", body, key=key).status_code == 201

    with psycopg.connect(urls.owner) as owner:
        for (table,) in owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall():
            kept = owner.execute(sql.SQL("SELECT t::text FROM {} t").format(sql.Identifier(table))).fetchall()
            assert "canarypoint" not in str(kept), table
    assert len(practice.rows("SELECT id FROM supervision_point")) == 1


def test_a_point_is_about_somebody_in_the_packs_of_a_supervisee(practice: Practice, call: Speak, sam: Caller) -> None:
    client_id = ruptured(practice)
    bens = supervised(practice, BEN.id)
    silent = practice.client()

    def status(caller: Caller, **more: Any) -> int:
        code: int = caller.post("/v1/supervision/points", point(practice, client_id, **more)).status_code
        return code

    assert status(sam, practitioner_id=str(BEN.id)) == 404
    assert status(sam, client_id=str(bens)) == 404
    assert status(sam, client_id=str(silent)) == 404
    assert status(sam, code="fire_them") == 422
    assert status(sam, week="2099-W01") == 422
    assert status(call("therapist", actor=ANA.id)) == 403
    assert status(call("supervisor", actor=BEN.id, purpose="supervision")) == 404


def test_every_reading_of_a_pack_leaves_a_line_about_whom(practice: Practice, sam: Caller) -> None:
    client_id = ruptured(practice)

    pack(sam)

    line = trail(practice.database, "supervision.pack_read")[0]
    assert (line["actor"], line["purpose"], line["about"]) == (str(SAM.id), "supervision", [client_id])
