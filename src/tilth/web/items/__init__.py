"""Page 8: the item account, its cuts, disposal, and the stock of explosives."""
