"""The tests of the tests: a guard is taken away, and the suite must see it."""
