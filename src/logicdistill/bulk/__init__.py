"""Many states at once: files and tables, decided by processes of this machine or of a cluster."""
