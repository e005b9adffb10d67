"""Write an answer from passages: extractive by default."""
