"""
What is true about check-ins and courses: pure functions on plain values.

The constants of the reader are ours and validated by nobody; every flag is a prompt to
talk, never a diagnosis and never a forecast.
"""
