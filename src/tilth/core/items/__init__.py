"""The item account: every item found is in exactly one state at every day asked for (rules §4).

A source (a report, a spot task, a summary, in force at a level) is turned into *contributions*:
so many pieces enter or leave a state on a day. A `tilth.core.items.rollup.Rollup` is their sum,
from which the account at any day is read. Contributions can be taken out again exactly, so one
more report touches only itself and what it speaks of.
"""
