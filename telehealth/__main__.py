"""`python -m telehealth` is the command line."""

from telehealth.cli.main import app

app()
