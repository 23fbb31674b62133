"""What several benchmarks of two machines run there: browsers, readers, the ends of a cable."""
