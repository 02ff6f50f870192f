"""What administrators see above the single tables: board, way around, organisation, year, changes."""
