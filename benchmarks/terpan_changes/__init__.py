"""What changes of a server under load cost its clients."""
