"""What each document says, as plain values read from the records and the accounts.

A value holds strings, integers, booleans and null only (m² as decimal strings with six places), so
that it has canonical bytes and a hash. It holds everything that is printed but persons' names: of
a person it holds the code. Nothing here writes.
"""
