"""The land account: two engines for areas, one table of rules for what they mean."""
