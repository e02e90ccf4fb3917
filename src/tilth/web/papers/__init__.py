"""Documents: make them, list them, check a code from paper."""
