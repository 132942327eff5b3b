"""Which times count as taken: the database refuses that two of one party overlap (security.md, section 6).

An exclusion constraint on PostgreSQL, triggers on SQLite: db/migrations/versions/0004_scheduling.py has both.
"""

LIVE = "('held', 'asked', 'booked', 'attended')"  # a session that has ended early still keeps its buffer
