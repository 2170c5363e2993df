"""Paper: an account that trades no money, at the quotes of another linked account."""
