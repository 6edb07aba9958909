"""Our own verifier keeps the shipped contract."""

from plugin_optimizer.contracts import Verifier
from plugin_optimizer.execute.verifier import ChangeVerifier
from plugin_optimizer.testing.verifier_contract import VerifierContract


class TestChangeVerifier(VerifierContract):
    def verifier(self) -> Verifier:
        return ChangeVerifier()
