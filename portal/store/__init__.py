"""The store: tables, the two kinds of database, migrations, and the evidence by its content."""
