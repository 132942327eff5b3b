"""Who wishes for an earlier time, and to whom a freed one is offered."""
