"""What is made from the operations that the functions declare. Build tools: nothing that is deployed imports them."""
