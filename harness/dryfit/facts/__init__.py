"""What can be said of a run, and how it is told."""
