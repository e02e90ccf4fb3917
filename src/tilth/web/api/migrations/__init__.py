"""Changes of the tables of tokens and kept answers."""
