"""What the commands take, and their help; whatever does the work is imported when one is called."""
