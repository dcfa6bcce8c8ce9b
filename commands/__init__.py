"""The commands of traject: options in, one service call, what it did in words out."""
