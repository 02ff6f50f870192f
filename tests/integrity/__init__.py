"""The past cannot be rewritten, and what is kept can be brought back."""
