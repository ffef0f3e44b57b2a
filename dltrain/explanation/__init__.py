"""What an experiment comes to: values that nobody wrote and why they are so, layers, and memory."""
