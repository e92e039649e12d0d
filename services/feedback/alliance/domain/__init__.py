"""What is true about a relationship's course: the reader, its signals and sentences, episodes. Pure functions only."""
