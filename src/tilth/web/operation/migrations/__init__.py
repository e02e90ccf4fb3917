"""Changes of the tables of the operation page."""
