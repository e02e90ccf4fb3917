"""What every page stands in: look, cut bar, figures, headers, errors, languages."""
