"""Two people who come together: a case of their own, beside what each of them has alone."""
