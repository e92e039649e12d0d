"""A client's courses with other therapists: how it went, without words."""
