"""One person: everything about them that the viewer may know."""
