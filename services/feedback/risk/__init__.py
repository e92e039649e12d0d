"""
Risk: answers a person has to read by a time, and whom to turn to in a crisis.

Publishes risk.raised, .overdue, .acknowledged.
"""
