"""An experiment as a suggestion: what it changes, how it is judged, what is believed of it, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..domain import (
    Change,
    Direction,
    Finding,
    Goal,
    Knob,
    Message,
    Metric,
    PluginView,
    Policy,
    Prediction,
    Proposal,
    Purpose,
    Risk,
    SuggestionType,
)
from .details import Details
from .experiment import Experiment, Limits, Outlook
from .switchback_eligibility import agreed_turns

LEAST_EFFECT = 0.05  # the smallest relative effect that the judge claims


@dataclass(frozen=True, slots=True)
class Case:
    """An experiment that may be made, and all that is to be said of it. `level` is the metric now, `trials` those before."""

    view: PluginView
    knob: Knob
    goal: Goal
    level: float
    findings: tuple[Finding, ...]
    experiment: Experiment
    limits: Limits
    trials: int


def goal_of(findings: Sequence[Finding], policy: Policy) -> Goal:
    """Return how an experiment is judged: by errors where only they are wrong, else by the mean response time.

    What does not clearly help is undone.
    """
    errors = all(f.metric is Metric.ERROR_RATIO for f in findings)
    guards = (Metric.MEMORY_BYTES,) if errors else (Metric.ERROR_RATIO, Metric.MEMORY_BYTES)
    return Goal(
        metric=Metric.ERROR_RATIO if errors else Metric.RESPONSE_TIME_SECONDS,
        direction=Direction.DOWN,
        purpose=Purpose.IMPROVE,
        least_effect=LEAST_EFFECT,
        guards=guards,
        slo=policy.error_ratio if errors else policy.response_time_seconds,
    )


def proposal_of(case: Case) -> Proposal:
    """Return the suggestion. Its confidence is the probability that the value is better; words have no small step, so
    they are never of low risk.
    """
    knob, choice, plugin_id = case.knob, case.experiment.choice, case.view.plugin.plugin_id
    errors = case.goal.metric is Metric.ERROR_RATIO
    metric = Metric.ERROR_RATIO if errors else Metric.RESPONSE_TIME_P95_SECONDS
    judged_by = (
        Message("judged_by_errors", {"slo_ratio": case.goal.slo})
        if errors
        else Message("judged_by_response_time", {"slo_seconds": case.goal.slo, **agreed_turns(case.view.policy)})
    )
    level = case.level
    figures = (level, level * choice.expected, level * choice.low, level * choice.high)
    return Proposal(
        plugin_id=plugin_id,
        type=SuggestionType.UPDATE_CONFIG,
        title=Message("try_setting", {"knob": knob.name, "from": knob.value, "to": choice.value}),
        change=Change(plugin_id, knob.name, knob.value, choice.value, case.goal),
        prediction=Prediction(metric, *figures, model="experiments"),
        risk=Risk.MEDIUM if knob.choices else Risk.LOW,
        confidence=min(0.95, choice.better_chance),
        findings=case.findings,
        evidence=_evidence(case),
        judged_by=judged_by,
        details=_details(case),
    )


def _evidence(case: Case) -> tuple[Message, ...]:
    choice, learned = case.experiment.choice, case.experiment.learned_from
    told = [message for finding in case.findings for message in finding.evidence]
    if learned:
        told.append(Message("experiments_so_far", {"knob": case.knob.name, "trials": case.trials, "verdicts": learned}))
    else:
        told.append(Message("experiment_first", {"knob": case.knob.name}))
    risk = {"chance_ratio": choice.harm_chance, "limit_ratio": case.limits.most_chance}
    return (*told, Message("experiment_risk", risk))


def _details(case: Case) -> Details:
    return {
        "trials": case.trials,
        "verdicts": case.experiment.learned_from,
        "gain": case.experiment.choice.gain,
        "least_gain": case.limits.least_gain,
        "harm_chance_ratio": case.experiment.choice.harm_chance,
        "most_harm_chance_ratio": case.limits.most_chance,
        "values": [_row(outlook) for outlook in case.experiment.outlooks],
    }


def _row(outlook: Outlook) -> dict[str, object]:
    return {
        "value": outlook.value,
        "expected_ratio": outlook.expected,
        "low_ratio": outlook.low,
        "high_ratio": outlook.high,
        "harm_chance_ratio": outlook.harm_chance,
        "allowed": outlook.allowed,
    }
