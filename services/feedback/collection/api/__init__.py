"""How others ask about offers, forms, check-ins, tablets and the plan."""
