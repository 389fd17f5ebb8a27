"""Numbers about a run that one can trust: each an estimate with its standard error, and how it was made."""

from vaecli.assessment.comparison import Difference, compare
from vaecli.assessment.estimates import Estimate
from vaecli.assessment.evaluation import Evaluation, Protocol, evaluate

__all__ = ["Difference", "Estimate", "Evaluation", "Protocol", "compare", "evaluate"]
