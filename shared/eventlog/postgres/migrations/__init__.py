"""The tables of the log; `migrate_log` applies them."""
