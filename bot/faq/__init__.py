"""The FAQ: a batch of questions -> entries that a person reviews -> pages to publish."""
