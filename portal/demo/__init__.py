"""A filled portal to look at: invented universities, one open round for each book of rules, reviews in every state.

Everything is invented and says so. The accounts have a password that everybody knows, so that a store filled here is
opened in demonstration mode only, on this machine only (`portal.startup`).
"""
