"""People: who signs in, for which organisation, with which roles; sessions and the security log."""
