"""Rights that take two people: the second one looks, and confirms or refuses."""
