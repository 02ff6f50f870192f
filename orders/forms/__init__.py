"""The inputs of the front office's actions."""
