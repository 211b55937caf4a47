"""One pack of scenarios, many releases of Keras: an environment for each, and what differs."""
