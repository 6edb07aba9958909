"""REST API of the plugin optimizer as a Blueprint for any Flask application.

    app.register_blueprint(plugin_optimization_bp, name='plugin_optimization_api')

Importing starts nothing; registering builds the system and starts the analysis, once per host however many workers.
"""

from plugin_optimizer.web.blueprint import create_blueprint
from plugin_optimizer.web.hosting import host, hosted_system

plugin_optimization_bp = create_blueprint(hosted_system)
plugin_optimization_bp.record_once(host)
