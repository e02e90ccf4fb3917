"""Tilth: a mine-clearance operation as a record that adds up."""

__version__ = "0.1.0"
