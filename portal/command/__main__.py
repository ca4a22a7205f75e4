"""`python -m portal.command` is `zhunsheng`."""

from portal.command import main

main()
