"""A record's page: what it says, its ground, its life, and the forms that say more."""
