"""The assistant: what runs while someone is asking."""
