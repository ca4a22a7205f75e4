"""Use cases: everything that pages, the REST API and the command line may do."""
