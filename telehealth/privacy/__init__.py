"""Export, erasure, legal holds and retention: what a person may ask for, and what the law asks of us."""
