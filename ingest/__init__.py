"""What runs before anyone asks: read the sources, split them, publish an index."""
