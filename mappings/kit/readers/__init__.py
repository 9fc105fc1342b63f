"""Readers of what partners write: files, a line at a time, never held as a whole; and what stands
around the resources of a body.
"""
