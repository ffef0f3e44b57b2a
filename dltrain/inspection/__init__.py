"""What is in the data of an experiment: column by column, and split by split."""
