"""Kinds of record: definitions, codelists, validation."""
