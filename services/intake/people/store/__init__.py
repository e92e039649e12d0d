"""Where people are kept. Every read takes a Scope, and a scope that opens nothing finds nothing."""
