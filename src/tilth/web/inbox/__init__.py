"""The inbox: what waits to be verified, approved or returned, and the deciding of it."""
