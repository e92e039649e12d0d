"""What is true about referrals, and the code lists they are written with. Pure functions only."""
