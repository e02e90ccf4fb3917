"""How each document's value is laid out on pages, in the reader's language."""
