"""Sheets that are read in: master data, new documents, exported lists with their cells changed."""
