"""The doctor: every part of a deployment looked at, and for each failure what to do about it."""
