"""What many settings decide on many recorded curves."""
