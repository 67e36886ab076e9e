"""What a score is made of: each module measures one thing of a stretch, 0..100, and says what it rests on."""
