"""Entry point of the audio worker."""

from common.run.process import main
from workers.audio.worker import Audio

if __name__ == "__main__":
    main(Audio)
