"""One function for each thing a person does: permission, read, core, append."""
