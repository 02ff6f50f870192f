"""Jobs, steps on many documents, exports and imports."""
