"""decide_*(): what a person asks for becomes facts, or a refusal with its reason."""
