"""
A simulation study: what the reader sees and misses in courses of which we know what happened, beside simple rules.

`model` makes courses, `rules` reads them by one rule after another, `study` counts, `page`
and `picture` write docs/simulation.md and docs/simulation.svg.
"""
