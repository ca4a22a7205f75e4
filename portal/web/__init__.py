"""The shell of the pages: one ASGI application, our own sign-in, and a gate before every path."""
