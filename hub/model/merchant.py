"""Merchants: whom orders, stock and connections belong to."""

OPERATOR = "operator"
"""The merchant code of what belongs to the operator: connections over which several merchants'
goods are sold.
"""
