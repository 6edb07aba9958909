"""The engine for Python callers within the application.

from core.backend.plugin_optimization_engine import plugin_optimization_engine

plugin_optimization_engine.start()            # begin to analyse (registering the Blueprint does this, too)
plugin_optimization_engine.suggestions()      # newest first
plugin_optimization_engine.execute("sg_…")    # returns the queued Execution
plugin_optimization_engine.history()          # newest first
"""

from plugin_optimizer.web.embedded import EmbeddedEngine

plugin_optimization_engine = EmbeddedEngine()
