"""What is sensed and turned of whatever stands behind an endpoint or a command, as the documents tell it."""

from ...domain import ANY_METRIC, Capability, Disruption, Reversibility, Turned

_KEPT = "where it says so"
_ANYTHING = tuple(Disruption)
_CONTRACT, _LIVE = "tests/touchpoints/test_webhook_contract.py", "tests/touchpoints/test_webhook_live.py"

CAPABILITIES = (
    Capability(
        target="an HTTP endpoint of your own",
        senses=ANY_METRIC,
        turns=(Turned("*", "a signed request, read back", _KEPT, _ANYTHING, Reversibility.IRREVERSIBLE),),
        tested="a Flask receiver in ten moods",
        proof=(_CONTRACT, _LIVE),
        document="WEBHOOK.md",
    ),
    Capability(
        target="a command of your own",
        senses=ANY_METRIC,
        turns=(Turned("*", "the command, without a shell, read back", _KEPT, _ANYTHING, Reversibility.IRREVERSIBLE),),
        tested="real programs",
        proof=(_CONTRACT, "tests/touchpoints/test_command_live.py"),
        document="WEBHOOK.md",
    ),
)
