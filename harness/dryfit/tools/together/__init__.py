"""What callbacks do to each other: statements about pairs, over many curves."""
