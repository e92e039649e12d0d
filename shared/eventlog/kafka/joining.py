"""
A defect of kafka-python 3.0.12 and what keeps us clear of it.

Joining a group runs on the client's network thread and may end between two polls. The next
poll then throws the answer away (`BaseCoordinator.join_group_async` asks for `_join_task is
None or _join_task.is_done`) and joins anew, which makes the whole group rebalance once more:
members that poll in turn can keep each other from ever reading. Worse, when the reason to
join was news about the topic, it does not join anew at all: the member waits for ever, its
heartbeat off, its partitions silent. Both were seen; the contract polls two members in turn
to see them again (`test_two_members_share_and_never_hold_a_partition_both`). Look here before
leaving 3.0.
"""

from typing import Any


class _Join:
    """A join that looks finished only if it failed: its answer is waited for, at once if it is there."""

    def __init__(self, task: Any) -> None:
        self._task = task
        self.add_callback = task.add_callback
        self.add_errback = task.add_errback

    @property
    def is_done(self) -> bool:
        return bool(self._task.is_done and self._task.failed())


def keep_a_finished_join(consumer: Any) -> None:
    """Let the next poll of a consumer take the answer of a join under way; to be called before each poll."""
    coordinator = consumer._coordinator  # noqa: SLF001 - there is no public way to it
    task = coordinator._join_task  # noqa: SLF001 - as above
    if task is None:
        return
    if not isinstance(task, _Join):
        coordinator._join_task = _Join(task)  # noqa: SLF001 - as above
    coordinator.request_rejoin()
