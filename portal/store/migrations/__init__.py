"""How a store of one version becomes one of the next: Alembic, in one transaction, on both stores."""
