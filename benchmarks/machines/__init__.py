"""Two machines: network namespaces with a veth pair, so that nothing but the network joins them. Needs root."""
