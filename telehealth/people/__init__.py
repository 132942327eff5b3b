"""Who a person is: accounts at providers, login sessions, roles, and the sealed profile."""
