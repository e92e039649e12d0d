"""Who asks for help, and what was decided."""
