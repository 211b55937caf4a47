"""Readers of files that people have: one for each format, each giving curves."""
