"""Scores: watched batch by batch while training, and computed exactly by scikit-learn at the end."""
