"""Passkeys: a second step for staff, a second way in for clients."""
