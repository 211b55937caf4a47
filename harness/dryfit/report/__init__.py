"""What shows a run to people: a picture, a page."""
