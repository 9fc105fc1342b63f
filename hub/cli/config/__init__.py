"""Commands about connections, adapters and codes."""
