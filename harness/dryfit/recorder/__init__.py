"""Who did it: the callback list that compares what a callback can change around its hooks."""
