"""Check the log: heads, keys, proofs, in the reader's own browser."""
