"""What happened: events, the trace that keeps them, and the questions a `Run` answers."""
