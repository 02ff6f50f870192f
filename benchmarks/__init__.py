"""Measures the house beside a floor and a limit; `make bench` runs it all. Nothing here asserts a time."""
