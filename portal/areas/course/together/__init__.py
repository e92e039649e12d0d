"""The curve and the client's own words, to be looked at together or printed; nothing of the staff's."""
