"""PostgreSQL as a child of the hub: its files, its host process, its server."""
