"""The analysis of swings in China's rare-earth magnet exports (HS 85051110)."""
