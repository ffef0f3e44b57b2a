"""Where rows come from. A new format is a new module with a subclass of `DatasetSpec`."""
