"""Components: what a macro prints is made by the module of the same name beside it."""
