"""Coming in, staying in, and what the house refuses to start with."""
