"""
The alliance: how the relationship reads, session by session, and what became of each rupture.

Keeps courses, readings and episodes, and which rules are in force. Publishes reading.updated
and episode.opened, .changed, .closed.
"""
