"""Checking any callback: a battery of generic scenarios, and a scorecard."""
