"""The protocol editor: the tree of steps, forms, preview, drafts."""
