"""Scenarios that are played again whenever something they depend on is saved."""
