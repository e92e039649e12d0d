"""The web base: operations with everything around them, problems, paging, health, and the server."""
