"""The article's experiments: who is compared, the loads, the parts, and what is written of them."""
