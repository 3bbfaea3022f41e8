"""Policies as a service: HTTP in three dialects, the page, and the Model Context Protocol."""
