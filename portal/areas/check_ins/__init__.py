"""Check-ins: handing them over, entering them from paper, what came back, tablets, and the plan."""
