"""Tables of rights, in the order in which they came to be."""
