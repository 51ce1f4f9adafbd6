"""What can be rented: the templates that machines are made from."""
