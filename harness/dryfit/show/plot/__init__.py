"""The picture of a run, drawn with matplotlib."""
