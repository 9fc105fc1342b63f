"""Messages: kept when they come in, queued to go out, claimed by lane, finished."""
