"""
Bench: what Rapport costs, each figure beside a peer or a limit measured in the same run.

    python -m bench [name ...] [--quick] [--write]

`figures` and `page` are arithmetic and text, `ground` starts the real servers, and each module
in `measurements` is one measurement. Absolute figures belong to one machine; the ratio travels.
"""
