"""Append, read, blobs by hash, read tables rebuilt from the log; SQLite and PostgreSQL."""
