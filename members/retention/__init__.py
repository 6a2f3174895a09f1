"""How long what is kept, and who sees to it: the list of rules, and the daily Job that keeps to them."""
