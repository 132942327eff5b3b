"""Keys: whose record opens with what. Key material stands here only wrapped."""
