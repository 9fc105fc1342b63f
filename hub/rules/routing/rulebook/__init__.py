"""The rules themselves: what a merchant may write, and what each says of a warehouse."""
