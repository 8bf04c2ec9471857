"""More than one machine: nginx before several processes of the app."""
