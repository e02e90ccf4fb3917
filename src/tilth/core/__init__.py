"""Every rule a deminer, a QA officer or an auditor could argue about, as pure functions of values.

Nothing in this package reads a clock, a file, a network, the environment or a random source.
"""
