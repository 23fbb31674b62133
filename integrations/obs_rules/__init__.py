"""OBS scene or source by speaker: a rule file says who speaks, and what OBS shows then.

`rules/` reads the file, `decide/` decides without I/O, `studio/` changes OBS and restores what was found there.
"""
