"""Judge submissions against standards kept as declarative YAML.

The way through the package is one line: text -> `Library` -> `Finding` -> `Scorecard`.
Nothing in here knows a database, the network, the clock or a page.
"""
