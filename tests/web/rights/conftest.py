"""The strip with a word in every field, for whatever shows records."""

from strip_served import canaries, reader, served_strip

__all__ = ["canaries", "reader", "served_strip"]
