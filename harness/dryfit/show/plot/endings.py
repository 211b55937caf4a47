"""The endings of files that a picture can be, known before anything is played."""

SUFFIXES = (".png", ".svg", ".pdf")
