"""Many replications of one scenario: executors, run folders, bands and the Monte Carlo driver."""
