"""Merchants, connections and their state: one snapshot to read, each write in its place."""
