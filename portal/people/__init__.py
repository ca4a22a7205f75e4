"""Who is asking: accounts, passwords, sessions, tokens, single sign-on, and how often one may try."""
