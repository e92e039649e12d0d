"""What clients said in the session or on paper: entered, printed for it, looked at with its history, put right."""
