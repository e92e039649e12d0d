"""The door itself: where feedback's API hangs, and the roles that its routes name."""

from flask import Blueprint

v1 = Blueprint("v1", __name__, url_prefix="/v1")

# The store's scope narrows these further: therapists see their own clients, leads see all.
CLINICAL = ("therapist", "clinical_lead")
DESK = (*CLINICAL, "front_desk")
STAFF = (*DESK, "supervisor", "manager", "operator")
