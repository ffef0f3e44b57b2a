"""The training loop: batches in an order that is a function of (seed, epoch), one stepper per backend."""
