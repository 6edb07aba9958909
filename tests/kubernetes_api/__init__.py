"""An API server of Kubernetes in miniature, for tests: HTTPS, versions, rights, controllers. What it is held to stands in `cluster`."""
