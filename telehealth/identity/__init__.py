"""The identity provider that comes with the service: Canaille, in a process of its own. It knows a user name, an e-mail
address and a password for each account, and nothing else."""
