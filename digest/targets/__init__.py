"""Where digests are brought: one small class a kind of target."""
