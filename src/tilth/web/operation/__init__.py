"""Page 1: what is done and left, as one honest picture, and what waits."""
