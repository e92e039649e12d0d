"""`python -m shared.cli`: the same command line where nothing is installed, as in a container."""

from shared.cli import main

main(prog_name="rapport")
