"""Who looked at what: the trail, for people; and opening a client in an emergency."""
