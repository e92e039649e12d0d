"""Switching to other rules: decided by a person, and read into all courses little by little."""

from datetime import datetime

from services.feedback.alliance.commands.readings import reread
from services.feedback.alliance.domain.rules import LEARNT_FOR, RULES, RulesChanged, RulesNotOffered, named
from services.feedback.alliance.domain.spread import pooled, proposal
from services.feedback.alliance.store import courses, rules
from services.feedback.alliance.store.rules import Switch
from services.feedback.care.store.visibility import THIS_SERVICE
from shared.database import Tx
from shared.scope import Scope
from shared.security import audit

BATCH = 50  # courses a job reads in one transaction


def switch_rules(tx: Tx, version: str, reason: str, *, expected_version: int, scope: Scope, now: datetime) -> Switch:
    """
    Make readings by these rules from now on; courses are read anew by a job, batch by batch.

    Switching to what is in force already changes nothing, whatever number is expected.

    Raises:
        RulesUnknown. RulesNotOffered: neither this version's, nor proposed, nor in force before.
        RulesChanged: somebody else switched meanwhile.
    """
    parameters = named(version)
    rules.lock_switches(tx)
    current = rules.in_force(tx, THIS_SERVICE)
    if version == current.version:
        return current
    if current.number != expected_version:
        raise RulesChanged("The rules in force changed since they were read; read them again and decide anew.")
    if version not in _offered(tx, current):
        raise RulesNotOffered("These rules are neither this version's, nor proposed, nor were they in force before.")
    assert parameters.sigma0 is not None  # every version has one for the project's own form
    new = Switch(current.number + 1, version, parameters.sigma0, now, scope.actor, reason)
    audit.record(tx, scope, "rules.switched", about=[], fields=["version"], now=now)
    rules.add_switch(tx, new)
    return new


def read_by_rules_in_force(tx: Tx, *, now: datetime) -> int:
    """
    Read some of the courses that were last read by other rules; returns how many.

    Each course ends in one transaction with its readings and events, so that this can stop
    and go on at any time: what is left is what a course says of itself.
    """
    current = rules.in_force(tx, THIS_SERVICE)
    left = rules.courses_to_read(tx, THIS_SERVICE, current.version, limit=BATCH)
    for course_id in left:
        course = courses.lock_course(tx, THIS_SERVICE, course_id)
        assert course is not None  # locked just now, and this service sees all of its own
        reread(tx, course, now=now)
    return len(left)


def _offered(tx: Tx, current: Switch) -> set[str]:
    learnt = proposal(pooled(rules.spreads(tx, THIS_SERVICE, LEARNT_FOR)), named(current.version))
    before = {switch.version for switch in rules.history(tx, THIS_SERVICE)}
    return {*RULES, *before} | ({learnt.version} if learnt.version else set())
