"""The type of the figures that a proposal shows to the curious."""

from ..domain.message import Parameter

Details = dict[str, Parameter | list[object] | dict[str, object]]
