"""Evidence: what comes in is looked at by its content in a process that can do no harm, and served only after a check."""
