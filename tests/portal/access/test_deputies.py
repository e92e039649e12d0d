"""A deputy is named on a page, finds the clients of whom they stand in for, and loses them when it is ended."""

from tests.cast import ANA, BEN, DANA, LEAD, MARA
from tests.clinic import Clinic
from tests.portal.access.test_emergency import came_in


def test_a_therapist_names_a_deputy_who_then_finds_the_clients(clinic: Clinic) -> None:
    mara = clinic.client_of(ANA)
    ana, ben = came_in(clinic, ANA), came_in(clinic, BEN)
    today = str(clinic.clock().date())
    form = ana.get("/deputies").form("/deputies")

    empty = ana.send(form, {"first_day": ""})
    wrong = ana.send(form, {"deputy_id": str(BEN.id), "first_day": "2026-11-20", "last_day": "2026-11-21"})
    named = ana.send(form, {"deputy_id": str(BEN.id), "first_day": today, "last_day": today})
    clinic.settle()

    assert "Choose who stands in" in empty.text
    assert "lies in the past" in wrong.text
    assert f"{BEN.display_name} stands in for {ANA.display_name}" in named.text
    assert MARA["family_name"] in ben.get("/people?state=").text
    assert ben.get(f"/people/{mara}").status == 200
    lead = came_in(clinic, LEAD)
    ended = lead.send(lead.get("/deputies").form("/ending"))
    assert "Nobody stands in for anybody." in ended.text
    assert ben.get(f"/people/{mara}").status == 404
    assert came_in(clinic, DANA).get("/deputies").status == 403
