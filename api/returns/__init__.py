"""What a collaboration brought for what it cost: results, sales and fees in one answer."""
