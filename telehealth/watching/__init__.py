"""How the service is: whether it can serve, and figures about it that say nothing of anybody."""
