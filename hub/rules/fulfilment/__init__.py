"""What a warehouse's words mean for a fulfilment order."""
