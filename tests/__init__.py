"""Tests: unit/ mirrors the sources; web/ live/ browser/ js/ deploy/ rules/ go further out."""
