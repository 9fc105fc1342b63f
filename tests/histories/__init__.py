"""Random histories of stock, returns and money, many of them at once in one database."""
