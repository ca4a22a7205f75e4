"""The pages: they show what the engine says and add nothing to it."""
