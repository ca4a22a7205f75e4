"""Turn models into the rule tree; what cannot be built becomes a problem with its place."""
