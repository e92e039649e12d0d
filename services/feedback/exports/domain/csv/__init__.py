"""
Exports: what may leave in a file, for which reason, and what every column of it means.

No names, no free text, no answer that its writer has not shared, and nothing that can be
joined with another export, unless therapists take out their own clients' figures.
"""
