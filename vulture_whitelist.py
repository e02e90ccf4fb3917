"""Names that are used from outside the package, which vulture cannot see. One reason each."""

_.startElement, _.endElement, _.attrs  # called by the XML parser
_.compress_type  # read by zipfile
_.text_factory  # read by sqlite3
_.command_class, _.format_commands, list_  # used by click
