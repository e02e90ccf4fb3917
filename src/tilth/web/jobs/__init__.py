"""Long work that a person asked for: started from a page, done beside it, found again later."""
