"""The rule file: what it may say, what is wrong in it, and what it says in words."""
