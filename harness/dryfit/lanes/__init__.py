"""The ways to play a script to callbacks, each giving a `Run`."""
