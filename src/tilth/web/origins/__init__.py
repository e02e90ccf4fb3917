"""How a figure came to be: a drawer beside the page, and a page of its own."""
