"""Where it is kept: the only SQL of intake. Every read takes a Scope, and a scope that opens nothing finds nothing."""
