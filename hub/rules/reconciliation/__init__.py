"""What is decided about money that providers report: whether a report adds up, and what is made of
what does not match.
"""
