"""Files to draft records: formats, encodings, mappings, evidence, hostile input.

Knows the core's kinds and geometry, and neither store nor service. `tilth.exchange.delivery`
is the way in.
"""
