"""Who the people are: identity and contact (sealed), and where a client stands."""
