"""The catalogue of event contracts, for those who build on them."""
