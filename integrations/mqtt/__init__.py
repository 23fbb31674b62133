"""An MQTT broker is told of party and mix, and Home Assistant makes a device of it (settings `[mqtt]`)."""
