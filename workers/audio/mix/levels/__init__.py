"""How loud talkers are, and how loud they are made."""
