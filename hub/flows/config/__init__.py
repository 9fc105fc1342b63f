"""Connections come, change, pause and go; what a process cannot use."""
