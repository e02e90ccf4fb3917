"""Search over ids, places, people's codes and words."""
