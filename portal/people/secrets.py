"""Secrets that are handed out: 256 bits of chance each, of which only the hash is kept."""

import hashlib
import secrets

SESSION, TOKEN = "zss_", "zst_"  # what each begins with, so that a lost one is recognised for what it is
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
"""No letter or digit that is mistaken for another when read from paper."""


def new_secret(prefix: str = "") -> str:
    """Return a secret that nobody guesses."""
    return prefix + secrets.token_urlsafe(32)


def fingerprint(secret: str) -> str:
    """Return what is kept of a secret. It has 256 bits of chance, so that a plain hash is enough."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def one_time_password() -> str:
    """Return a first password that can be read aloud: four groups of four, 79 bits of chance."""
    return "-".join("".join(secrets.choice(_READABLE) for _ in range(4)) for _ in range(4))
