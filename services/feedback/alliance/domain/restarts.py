"""Why a person may begin a usual range anew; closing an episode does it by itself."""

RESTART_REASONS = frozenset({"change_of_delivery", "other"})
