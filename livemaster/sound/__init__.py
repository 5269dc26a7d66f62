"""What runs in the audio process or watches over it: device, callback, streams, and the memory they share."""
