"""The steps, oldest first; one that has been released never changes."""
