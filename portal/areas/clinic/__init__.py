"""The clinic as a whole: its figures, measures, rules, exports, staff and events."""
