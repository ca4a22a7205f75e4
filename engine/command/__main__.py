"""`python -m engine.command` is `zhunsheng`."""

from engine.command import main

main()
