"""From raw features to what a model computes on, with stock Keras layers that are saved with it."""
