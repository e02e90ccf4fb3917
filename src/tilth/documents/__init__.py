"""Values to documents: pictures now, PDF later. Pure functions, no database and no network."""
