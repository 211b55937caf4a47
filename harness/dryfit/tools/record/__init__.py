"""Recording a training, or reading one that was written down, as a scenario file."""
