"""
Collection: what is asked when, and what comes back.

The plan, offers, links, tablets and reminders; forms filled in by clients and therapists, entered by staff, put right,
withdrawn. Listens to intake and scheduling. Publishes checkin.offered, .recorded, .expired, .withdrawn, .corrected,
.entry_withdrawn, .reminder_due.
"""
