"""Everything that can be done: each a function that decides, changes and writes the trail in one transaction."""
