"""All that PostgreSQL keeps, and all SQL. Rooms by what they keep; `opened.py` opens it."""
