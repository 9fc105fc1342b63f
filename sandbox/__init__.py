"""Sandbox partners: a shop, a warehouse and an ERP to talk to where the real ones cannot be had.

They stand in for strangers, so they know nothing of the hub: only the standard library and lxml are
imported here. Each keeps its own record of what reached it and can be told to misbehave.
"""
