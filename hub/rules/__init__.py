"""Pure decisions: values in, values out. No I/O, no SQL, no clock."""
