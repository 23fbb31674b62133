"""The further outputs, each in a process of its own, which takes the finished mix from its plane.

A process each, because PortAudio is one per process. `Pa_Terminate`, which a look for new devices needs, closes every
open stream (pa_front.c, `CloseOpenStreams`), and the list of open streams has no lock. So two outputs in one process
would interrupt each other at every retry. A call that hangs (a dead device on a Mac, `BlockWhileAudioUnitIsRunning`)
ends the process that it hangs in. Callbacks of one process also wait for each other (the GIL).
"""
