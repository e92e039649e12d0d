"""Where hours are kept: the only SQL of this service. Every read takes a Scope; what it does not open is not found."""
