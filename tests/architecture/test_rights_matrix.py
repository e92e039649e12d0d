"""
Who may knock at which door: every operation of every service, with every role, and with every kind of bad token.

The table of doors is generated from the URL maps, so a new route is in it on the day it is made.
"""

from datetime import timedelta
from functools import partial

import pytest
from werkzeug.test import Client

from tests.architecture.doors import FREE, ISSUERS, MACHINE_ROLES, ROLES, STAFF_ROLES, TRUSTS, doors, knock, token
from tests.cast import ANA
from tests.clinic import Clinic

CHECKIN_DOORS = {
    "feedback POST /v1/forms/exchange",
    "feedback POST /v1/forms/kiosk-exchange",
    "feedback GET /v1/forms/current",
    "feedback PUT /v1/forms/current",
}


@pytest.mark.parametrize("issuer", ISSUERS)
def test_a_role_opens_its_own_doors_and_no_others(clinic: Clinic, issuer: str) -> None:
    wrong = []
    for door in doors(clinic):
        for role in ROLES:
            actor = ANA.id if role in STAFF_ROLES or role == "system" else None
            code = knock(clinic, door, token(clinic, door.service, role, issuer=issuer, actor=actor)).status_code
            lendable = role in TRUSTS[door.service].get(issuer, frozenset())
            if not lendable:
                right = code == 401
            elif role not in door.permits:
                right = code == 403
            else:
                right = code not in (401, 403) and code < 500
            if not right:
                wrong.append((door.name, issuer, role, code))

    assert wrong == []


def test_without_a_good_token_nothing_is_answered(clinic: Clinic) -> None:
    opened = []
    for door in doors(clinic):
        role = min(door.permits & set(STAFF_ROLES) or door.permits)
        issuer = "checkin" if role == "checkin" else "portal"
        actor = ANA.id if role in STAFF_ROLES else None
        good = partial(token, clinic, issuer=issuer, actor=actor)
        elsewhere = {"intake": "scheduling", "scheduling": "feedback", "feedback": "intake"}[door.service]
        bad = {
            "none": None,
            "empty": "",
            "rubbish": "a.b.c",
            "for another service": good(elsewhere, role),
            "expired": good(door.service, role, age=timedelta(minutes=3)),
            "from the future": good(door.service, role, age=timedelta(minutes=-3)),
            "signed with another's key": good(
                door.service, role, secret_of="operator" if issuer == "portal" else "portal"
            ),
            "signed by a stranger": good(door.service, role, secret_of="stranger"),
            "for nobody in a person's role": token(clinic, door.service, "therapist", issuer="portal", actor=None),
        }
        codes = {kind: knock(clinic, door, bearer).status_code for kind, bearer in bad.items()}
        opened += [(door.name, kind, code) for kind, code in codes.items() if code != 401]

    assert opened == []


def test_the_check_in_app_opens_its_own_doors_and_no_others(clinic: Clinic) -> None:
    let_in = set()
    for door in doors(clinic):
        answer = knock(clinic, door, token(clinic, door.service, "checkin", issuer="checkin", actor=None))
        if answer.status_code not in (401, 403):
            let_in.add(door.name)

    assert let_in == CHECKIN_DOORS
    assert {door.name for door in doors(clinic) if "checkin" in door.permits} == CHECKIN_DOORS


def test_the_desk_and_machines_hear_nothing_of_how_therapy_goes(clinic: Clinic) -> None:
    clinical = (
        "caseload",
        "course",
        "episodes",
        "restart",
        "answers",
        "release",
        "reach-out",
        "exports",
        "fhir",
        "copy",
    )
    doors_of_care = [d for d in doors(clinic) if d.service == "feedback" and any(word in d.rule for word in clinical)]

    assert len(doors_of_care) >= 16
    for door in doors_of_care:
        assert door.permits <= {"therapist", "clinical_lead"}, door.name


def test_a_supervisor_opens_packs_and_points_and_nothing_else_that_is_clinical(clinic: Clinic) -> None:
    opened = {d.name for d in doors(clinic) if d.service == "feedback" and "supervisor" in d.permits}

    assert opened == {
        "feedback GET /v1/supervisions",
        "feedback GET /v1/supervision/packs",
        "feedback POST /v1/supervision/points",
        "feedback GET /v1/crisis-information",
        "feedback GET /v1/measures",
        "feedback GET /v1/measures/<string(maxlength=64):measure_id>",
    }
    for name in ("packs", "points"):
        [door] = [d for d in doors(clinic) if d.rule.endswith(f"supervision/{name}")]
        assert door.permits <= {"therapist", "supervisor"}


def test_machines_and_the_program_itself_open_no_file_and_no_name(clinic: Clinic) -> None:
    for door in doors(clinic):
        assert "system" not in door.permits, door.name
        if door.service == "intake":
            assert door.permits.isdisjoint(MACHINE_ROLES), door.name


def test_what_is_free_says_nothing_of_anybody(clinic: Clinic) -> None:
    clinic.refer()
    for floor in clinic.house.floors.values():
        for path in sorted(FREE):
            answer = Client(floor.app).get(path)

            assert answer.status_code == 200, path
            assert b"canary" not in answer.data.lower(), path
