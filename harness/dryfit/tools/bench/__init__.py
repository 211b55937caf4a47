"""What a callback costs per batch: measured beside the same loop without it."""
