"""gunicorn around the gateway: sockets, whole requests only, a fair line for threads."""
