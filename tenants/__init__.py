"""
Who works, for which agency, with which rights.

The ground floor: settings, the session bound to an agency, both walls, identity, permissions,
money, words, events, jobs and stored files. It knows no HTTP and no Stripe.
"""
