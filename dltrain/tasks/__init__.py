"""What is predicted, and what follows from it: output layer, loss, metrics, and how outputs are read."""
