"""Who is owed what, pure: what is recognised of an order, which charges a contract says, and what a
statement comes to.
"""
