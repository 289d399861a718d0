// Recordings in forms that other programs read, and copies that can be shared.
