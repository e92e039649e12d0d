"""What can be asked; whoever reads about clients leaves a line in the audit trail, in the same transaction."""
