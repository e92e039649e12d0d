"""The screens, one folder for each thing staff do: views, presenters, and templates of the same name."""

from flask import Blueprint

from portal.screens.booking.views import screen as booking
from portal.screens.caseload.views import screen as caseload
from portal.screens.check_ins.views import screen as check_ins
from portal.screens.clinic.views import screen as clinic
from portal.screens.earlier.views import screen as earlier
from portal.screens.ending.views import screen as ending
from portal.screens.entries.views import screen as entries
from portal.screens.episodes.views import screen as episodes
from portal.screens.events.views import screen as events
from portal.screens.exports.views import screen as exports
from portal.screens.figures.views import screen as figures
from portal.screens.health.views import screen as health
from portal.screens.home.views import screen as home
from portal.screens.kiosks.views import screen as kiosks
from portal.screens.measures.views import screen as measures
from portal.screens.people.views import screen as people
from portal.screens.person.views import screen as person
from portal.screens.plan.views import screen as plan
from portal.screens.prepare.views import screen as prepare
from portal.screens.reach_out.views import screen as reach_out
from portal.screens.reading_rules.views import screen as reading_rules
from portal.screens.records.views import screen as records
from portal.screens.referrals.views import screen as referrals
from portal.screens.risk.views import screen as risk
from portal.screens.set_up.views import screen as set_up
from portal.screens.sign_in.views import screen as sign_in
from portal.screens.staff.views import screen as staff
from portal.screens.supervision.views import screen as supervision
from portal.screens.supervisors.views import screen as supervisors
from portal.screens.today.views import screen as today
from portal.screens.together.views import screen as together

SCREENS: tuple[Blueprint, ...] = (
    health,
    home,
    sign_in,
    set_up,
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
    clinic,
    reading_rules,
    exports,
    kiosks,
    plan,
    staff,
    events,
)
