"""Run the media worker."""

from common.run.process import main
from workers.media.worker import Media

if __name__ == "__main__":
    main(Media)
