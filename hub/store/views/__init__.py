"""Read queries that the Open API and the console share. In the caller's scope, without locks.

Every list is paged by key: a page says where the next one begins. No row costs a query of its own.
"""
