"""What people upload for a client: artwork, footage, documents; kept whole, handed out by links."""
