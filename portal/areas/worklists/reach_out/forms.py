"""The same two small forms stand beside every client: what was typed and what is wrong goes to the right one."""

from collections.abc import Collection
from uuid import UUID

from portal.kit.forms import Filled, Problem


def at_the_form_of(client_id: UUID | None, filled: Filled, shown: Collection[UUID]) -> Filled:
    """
    The form with its fields named `<field>-<client id>`, as their inputs are on the page.

    Where that client is no longer among those shown, what is wrong is said of the page as a whole.
    """
    if client_id not in shown:
        return Filled(problems=[Problem("", problem.message) for problem in filled.problems])
    return Filled(
        {f"{name}-{client_id}": value for name, value in filled.values.items()},
        [Problem(f"{one.field}-{client_id}" if one.field else "", one.message) for one in filled.problems],
    )
