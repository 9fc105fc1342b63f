"""Commands about messages, and translations without a database."""
