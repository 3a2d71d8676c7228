"""Which days are worked, as data: notices of authorities, loaded one above the other and never destroyed."""
