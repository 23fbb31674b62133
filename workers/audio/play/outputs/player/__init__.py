"""The process of one further output: it takes the finished mix from its plane, and plays it on one device."""
