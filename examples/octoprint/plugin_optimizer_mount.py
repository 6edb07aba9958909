"""An OctoPrint plugin in one file: mounts the optimizer, and shows each of OctoPrint's own plugins as one of ours.

Copied into `<basedir>/plugins/`. People log in as they always do: OctoPrint's administrators may execute, others may look.
"""

__plugin_name__ = "Plugin optimizer"
__plugin_version__ = "1.0"
__plugin_description__ = "Performance of each plugin, measured, explained and tuned"
__plugin_pythoncompat__ = ">=3.11,<4"


def mount(*_: object, **__: object) -> list[object]:
    """OctoPrint asks for more routes just before it hands its Flask application to its server: the last moment to wrap it."""
    import octoprint.server

    from plugin_optimizer.probe import instrument
    from plugin_optimizer.web.blueprint import create_blueprint
    from plugin_optimizer.web.hosting import host, hosted_system

    application = octoprint.server.app
    blueprint = create_blueprint(hosted_system)
    blueprint.record_once(host)
    application.register_blueprint(blueprint)
    instrument(application, plugin="octoprint")
    return []


__plugin_hooks__ = {"octoprint.server.http.routes": mount}
