"""Where scheduling's API hangs, and the roles that its routes name."""

from flask import Blueprint

v1 = Blueprint("v1", __name__, url_prefix="/v1")

MANAGERS = ("manager", "operator")
# Therapists see and change their own diary only; the store's scope and `keeps_diary` see to that.
DIARIES = ("front_desk", "manager", "clinical_lead", "therapist")
STAFF = (*DIARIES, "supervisor", "operator")
