"""What can be done: pages, the REST API and the command line call these and nothing else."""
