"""Results that take hours: small files, and the commands that make them again."""
