"""Who may come in and what they did: accounts, keys, sessions, jobs, the audit."""
