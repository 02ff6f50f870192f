"""Who comes in and stays in: log-in, second factor, sessions, the company's log-in; checks before a start."""
