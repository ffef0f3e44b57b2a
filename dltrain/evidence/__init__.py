"""What a fit keeps to be looked at, while the data and the model are at hand."""
