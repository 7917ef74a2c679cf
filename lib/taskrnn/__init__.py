"""Task-trained rate networks and the analyses of the note *RNN Initial Hypotheses*."""
