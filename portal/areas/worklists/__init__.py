"""Lists across clients: the caseload, strain and repair, whom to reach out to."""
