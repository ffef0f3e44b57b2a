"""What happens during training; every module here is found by itself."""
