"""One file holds the whole house: database, attachments, seals; it can be brought back elsewhere (P17)."""
