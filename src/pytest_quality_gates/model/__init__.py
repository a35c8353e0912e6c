"""What is judged, and how it came out."""
