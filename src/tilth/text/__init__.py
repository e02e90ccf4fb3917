"""Words and figures for people: sentences in the reader's language, numbers with their unit."""
