"""The real pipeline among faults that are drawn at random: what each costs the ear, and whether all is well again."""
