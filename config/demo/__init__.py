"""The demo factory: a switchgear group with its people, goods and orders in every stage."""
