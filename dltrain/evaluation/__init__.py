"""Predictions and exact scores."""
