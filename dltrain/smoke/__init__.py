"""Every stage of a fit on a few rows, so that a config is known to work without the time that a fit takes."""
