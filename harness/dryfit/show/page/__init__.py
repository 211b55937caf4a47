"""Scenarios and tests as one HTML page."""
