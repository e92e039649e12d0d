"""What can be asked of intake. Every read of client data leaves a row in the audit trail."""
