"""Changes of the tables of files sent in."""
