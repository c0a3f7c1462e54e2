"""What a piece of news is: types and pure functions, without input or output."""
