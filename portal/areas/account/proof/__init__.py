"""Showing who one is: the second step, after a pause, and before what matters; and going on where one was."""
