"""A made-up operation, told act by act, for trying Tilth and for measuring it.

Everything follows from a seed: the same seed and scale give the same acts, as far as numpy, GEOS
and PROJ give the same numbers. The strip lies in the open Atlantic, so that no drawing of it can
be taken for anyone's fields; names of states, places and organisations are invented. Every
workspace built from it is synthetic.
"""
