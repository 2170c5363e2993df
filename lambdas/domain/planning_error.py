"""Why a plan cannot be made."""


class PlanningError(Exception):
    """A strategy that cannot be carried out as it stands; the message says which leg and why."""
