"""What is measured on each network: activity in, plain arrays out, as datasets that `taskrnn.results` keeps; by chapter."""
