"""The areas, as the clinic speaks of its work: a folder a screen, with its views, presenters, templates and styles."""

from flask import Blueprint

from portal.areas.access.emergency.views import screen as emergency
from portal.areas.access.review.views import screen as review
from portal.areas.access.seen.views import screen as seen
from portal.areas.account.home.views import screen as home
from portal.areas.account.own.views import screen as own_account
from portal.areas.account.proof.views import screen as proof
from portal.areas.account.second_step.views import screen as second_step
from portal.areas.account.set_up.views import screen as set_up
from portal.areas.account.sign_in.views import screen as sign_in
from portal.areas.check_ins.entries.views import screen as entries
from portal.areas.check_ins.hand_over.views import screen as check_ins
from portal.areas.check_ins.kiosks.views import screen as kiosks
from portal.areas.check_ins.plan.views import screen as plan
from portal.areas.check_ins.records.views import screen as records
from portal.areas.clinic.events.views import screen as events
from portal.areas.clinic.exports.views import screen as exports
from portal.areas.clinic.figures.views import screen as figures
from portal.areas.clinic.grants.views import screen as grants
from portal.areas.clinic.measures.views import screen as measures
from portal.areas.clinic.overview.views import screen as clinic
from portal.areas.clinic.reading_rules.views import screen as reading_rules
from portal.areas.clinic.staff.views import screen as staff
from portal.areas.course.earlier.views import screen as earlier
from portal.areas.course.ending.views import screen as ending
from portal.areas.course.prepare.views import screen as prepare
from portal.areas.course.together.views import screen as together
from portal.areas.day.risk.views import screen as risk
from portal.areas.day.today.views import screen as today
from portal.areas.people.booking.views import screen as booking
from portal.areas.people.deputies.views import screen as deputies
from portal.areas.people.directory.views import screen as people
from portal.areas.people.person.views import screen as person
from portal.areas.people.referrals.views import screen as referrals
from portal.areas.supervision.packs.views import screen as supervision
from portal.areas.supervision.supervisors.views import screen as supervisors
from portal.areas.worklists.caseload.views import screen as caseload
from portal.areas.worklists.episodes.views import screen as episodes
from portal.areas.worklists.reach_out.views import screen as reach_out

SCREENS: tuple[Blueprint, ...] = (
    home,
    sign_in,
    set_up,
    own_account,
    proof,
    second_step,
    today,
    people,
    person,
    prepare,
    together,
    ending,
    earlier,
    booking,
    check_ins,
    entries,
    records,
    risk,
    caseload,
    episodes,
    reach_out,
    supervision,
    supervisors,
    figures,
    measures,
    referrals,
    deputies,
    seen,
    emergency,
    review,
    clinic,
    reading_rules,
    exports,
    kiosks,
    plan,
    staff,
    grants,
    events,
)
