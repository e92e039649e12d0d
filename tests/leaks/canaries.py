"""Words that stand nowhere else: one in every field that could tell who somebody is, or what they said."""

GIVEN, FAMILY, CALLED = "Quillcanary", "Verbenacanary", "Tansycanary"
PHONE, EMAIL, BORN = "+44 1632 960777", "mallowcanary@example.org", "1931-07-29"
CONTACT_NOTE, REFERRAL_NOTE, WISH = "sorrelcanary", "yarrowcanary", "bryonycanary"
# Somebody who gave up half way; somebody who typed a password where the name belongs.
HALF_TYPED, MISTYPED = "campioncanary", "Speedwellcanary"
COLLEAGUE, USERNAME, PASSWORD = "Betonycanary", "betonyuser-canary", "a password of teaselcanary"

PERSON = {
    "given_name": GIVEN,
    "family_name": FAMILY,
    "preferred_name": CALLED,
    "birth_date": BORN,
    "phone": PHONE,
    "email": EMAIL,
    "contact_note": f"Ring after five, ask for {CONTACT_NOTE}.",
}
# What is searched for: phone numbers also without their spaces.
OF_CLIENTS = (GIVEN, FAMILY, CALLED, PHONE, "1632960777", "mallowcanary", BORN, CONTACT_NOTE, REFERRAL_NOTE, WISH)
OF_STAFF = (COLLEAGUE, USERNAME, "teaselcanary", MISTYPED, HALF_TYPED, "Petrova-Canary", "Ferreira-Canary")
ALL = OF_CLIENTS + OF_STAFF
