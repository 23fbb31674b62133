"""The control API of tests and demos: no part of Sony's side."""
