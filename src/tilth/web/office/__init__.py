"""Settings: what the operation is set up with, and the people of the own organisation."""
