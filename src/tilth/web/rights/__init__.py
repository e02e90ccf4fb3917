"""Rights: the notes of who looked at protected records, for the organisation whose they are."""
