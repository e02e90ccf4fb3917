"""Findings as a work list."""
