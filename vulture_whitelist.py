"""Names that are used from outside the package, which vulture cannot see."""
