"""Pure cryptography: sealed values, the blind index and where key-encryption keys come from. No database, no people."""
