"""
Outcome: how a client's answers on an outcome measure have moved since the start.

Read with the constants published for the instrument, never with the clinic's own spread:
what is said of one client does not change when another joins. Totals are in points of the
measure and are compared unrounded; nothing is carried forward.
"""
