"""Tests of what administrators see and of what is kept about their changes."""
