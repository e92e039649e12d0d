"""
Feedback: how the relationship is going, session by session, as client and therapist say it.

Owns: measures, offers and one-time links, check-ins and their totals, courses and their
readings, rupture-and-repair episodes, wishes, the clinic's crisis information.
Publishes: check-ins offered, recorded, expired and withdrawn; readings; episodes opened,
changed and closed (ids, codes, times and states; never an answer, never a total).
Listens to: intake (clients, consents, allocations, endings) and scheduling (appointments).
Slices, low to high: care, measures, wishes, alliance, risk, collection, outcome, worklists,
supervision, reporting, exports; each knows those before it.
"""
