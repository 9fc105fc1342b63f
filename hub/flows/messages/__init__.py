"""Messages in people's hands, and those whose subject went on without them."""
