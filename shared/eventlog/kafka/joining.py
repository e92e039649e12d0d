"""
A defect of kafka-python 3.0.12 and what keeps us clear of it.

Joining a group runs on the client's network thread and may end between two polls. The next
poll then throws the answer away and joins anew (`BaseCoordinator.join_group_async` asks for
`_join_task is None or _join_task.is_done`), which makes the whole group rebalance once more;
members that poll in turn can keep each other from ever reading. Seen and tested by the contract
(`test_two_members_share_and_never_hold_a_partition_both`); look here again before leaving 3.0.
"""

from typing import Any


class _Join:
    """A join that never looks finished, so that its answer is waited for, at once if it is there."""

    is_done = False

    def __init__(self, task: Any) -> None:
        self.add_callback = task.add_callback
        self.add_errback = task.add_errback


def keep_a_finished_join(consumer: Any) -> None:
    """Let the next poll of a consumer take the answer of a join under way; to be called before each poll."""
    coordinator = consumer._coordinator  # noqa: SLF001 - there is no public way to it
    task = getattr(coordinator, "_join_task", None)
    if task is not None and not isinstance(task, _Join):
        coordinator._join_task = _Join(task)  # noqa: SLF001 - as above
