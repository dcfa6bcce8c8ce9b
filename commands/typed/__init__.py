"""What typed words mean: a name, a number, a day, a person; asked for where they were left out."""
