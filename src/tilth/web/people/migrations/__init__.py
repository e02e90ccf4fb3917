"""Tables of people, in the order in which they came to be."""
