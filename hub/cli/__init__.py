"""The orderhub command."""
