"""`python -m benchmarks [--scale 0.01]`: what the portal costs, beside a floor or a peer measured in the same run."""
