"""What Keras' callbacks promise, as machines written from their documentation.

A module for each callback, without any Keras in it: pure functions from what a training
reports to what the documentation says must be decided. `disagreement` holds the installed
Keras against them.
"""
