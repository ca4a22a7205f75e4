"""What is remembered: rounds, submissions, reviews, evidence, accounts, and the trail of it all. No points are made here."""
