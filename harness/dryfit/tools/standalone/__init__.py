"""A scenario as a Python script for plain Keras: to show a defect to people without dryfit."""
