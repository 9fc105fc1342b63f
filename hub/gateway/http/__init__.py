"""One request and its answer: body, correlation, problems."""
