"""Whether a scenario holds, whether both lanes tell the same, and why not."""
