"""The command line: each command is one service call; this package holds how answers look."""
