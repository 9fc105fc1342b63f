"""The inbox worked: decoded, decided, bisected where one message spoils a batch."""
