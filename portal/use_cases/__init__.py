"""What can be done: the one door for pages, the REST API and the command line."""
