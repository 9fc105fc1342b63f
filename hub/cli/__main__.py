"""`python -m hub.cli`: the same as `orderhub`."""

from hub.cli.main import main

main()
