"""The database: engine, column types and migrations. What differs between SQLite and PostgreSQL lives here alone."""
