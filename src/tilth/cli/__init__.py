"""The command line: each command is one service call; this package holds how answers look."""

from tilth.cli.app import main

__all__ = ["main"]
