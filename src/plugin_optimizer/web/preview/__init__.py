"""What a policy would have done: asked by an administrator, computed in a process of its own beside the engine.

Read in this order: `asked`, `job`, `worker`, `difference`.
"""
