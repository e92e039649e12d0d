"""Where it is kept: the only SQL of this service; every read takes a scope, and one that opens nothing finds none."""
