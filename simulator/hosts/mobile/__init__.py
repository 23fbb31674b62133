"""m.np.playstation.com."""
