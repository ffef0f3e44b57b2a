"""What is suspicious about data and its splits."""
