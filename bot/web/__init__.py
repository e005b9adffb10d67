"""The web: the only place, beside the command line, that knows HTML."""
