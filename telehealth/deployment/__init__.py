"""How the service is put on a clinic's own computer: what `telehealth init` writes, and what containers ask."""
