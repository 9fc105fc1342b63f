"""What every connection to a Tryton shares, whatever it is about: session, records and parties."""
