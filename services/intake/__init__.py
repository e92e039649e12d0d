"""
Intake: who the people are, and how two of them come together.

Owns: identity and contact (sealed), referrals, consents, allocation to a practitioner,
endings. The only place that knows a name; everyone else knows an id and a spoken code.

Slices, low to high: people, consents, referrals, allocation, client_file; each knows those before it.

Publishes: referral.received, referral.accepted, referral.declined, client.registered,
consent.recorded, client.allocated, waiting.ended, therapy.ended.

Listens to: scheduling's practitioner.added (who may be allocated to) and
appointment.held (therapy begins with the first session).
"""
