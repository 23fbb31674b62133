"""Where captures come from: HAR files, mitmproxy's flows, a proxy of ours, the network."""
