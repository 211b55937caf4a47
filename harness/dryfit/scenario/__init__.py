"""Scenario files: loading them strictly, and playing them in a lane."""
