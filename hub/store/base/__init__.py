"""What every room of the store stands on: connections, sealing, ids, the scope of merchants."""
