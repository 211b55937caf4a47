"""Single faults in a callback, and which of them a pack of scenarios and tests does not notice."""
