"""Who saw a client, in plain words; what a colleague looked at, without content; what stood out."""

from shared.ids import uuid7
from shared.scope import Scope
from shared.security.audit import record
from tests.cast import ANA, BEN, CHRIS, DANA, LEAD, MARA
from tests.clinic import Clinic
from tests.portal.access.test_emergency import came_in


def test_a_therapist_and_the_lead_see_who_looked_at_a_client_and_at_what(clinic: Clinic) -> None:
    mara = clinic.client_of(ANA)
    came_in(clinic, DANA).get(f"/people/{mara}")
    clinic.settle()  # some of it is sealed by now, the rest waits

    for one in (ANA, LEAD):
        page = came_in(clinic, one).get(f"/people/{mara}/seen")

        assert page.status == 200
        assert DANA.display_name in page.text
        assert "pened name, contact and consents" in page.text
        assert "For care" in page.text
    for one, status in ((BEN, 404), (DANA, 403), (CHRIS, 403)):
        assert came_in(clinic, one).get(f"/people/{mara}/seen").status == status


def test_one_look_is_one_line_although_three_services_were_asked(clinic: Clinic) -> None:
    mara = clinic.client_of(ANA)
    ana, lead = came_in(clinic, ANA), came_in(clinic, LEAD)
    before = ana.get(f"/people/{mara}/seen").text.count("<tr role=")

    lead.get(f"/people/{mara}")

    # The look at the trail itself is one more.
    assert ana.get(f"/people/{mara}/seen").text.count("<tr role=") == before + 2


def test_what_a_colleague_looked_at_holds_no_name_of_a_client(clinic: Clinic) -> None:
    mara = clinic.client_of(ANA)
    came_in(clinic, ANA).get(f"/people/{mara}")

    for one in (LEAD, CHRIS):
        page = came_in(clinic, one).get(f"/clinic/access/{ANA.id}")

        assert page.status == 200
        assert "read the course" in page.text.lower()
        assert MARA["family_name"] not in page.text
        assert str(mara) not in page.text
    assert came_in(clinic, ANA).get(f"/clinic/access/{BEN.id}").status == 403
    assert came_in(clinic, LEAD).get(f"/clinic/access/{mara}").status == 404


def test_a_long_trail_is_read_page_by_page_to_its_end(clinic: Clinic) -> None:
    mara = clinic.client_of(ANA)
    for _ in range(110):
        clinic.clock.move(seconds=1)
        clinic.api("intake", DANA, "GET", f"/v1/clients/{mara}")
    lead = came_in(clinic, LEAD)

    first = lead.get(f"/people/{mara}/seen")
    address = first.text.split('href="/people/')
    older = next(part.split('"')[0] for part in address if "before=" in part)
    second = lead.get("/people/" + older.replace("&amp;", "&"))

    assert first.text.count("<tr role=") == 101
    assert "wrote the referral down" in second.text.lower()


def test_a_bulk_reader_stands_out_within_a_minute(clinic: Clinic) -> None:

    with clinic.house.floors["intake"].database.transaction() as tx:
        scope = Scope(DANA.id, frozenset({"front_desk"}), "care", "portal")
        for _ in range(41):
            record(tx, scope, "client.read", about=[uuid7()], now=clinic.clock())
    clinic.clock.move(seconds=60)
    clinic.settle()

    page = came_in(clinic, LEAD).get("/clinic/access").text
    assert (
        f'{DANA.display_name}<span class="vh">: what they looked at</span></a>: many people within ten minutes' in page
    )
