"""Device, backend, precision, threads and seed: everything that is fixed before Keras is imported."""
