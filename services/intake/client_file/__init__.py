"""What is put together from all of intake: a client's file, and the code lists for forms."""
