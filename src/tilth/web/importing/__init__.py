"""Import: drop a file, see how it is read and what it would change, take it in."""
