"""All named facts. A regime item may use these and nothing else; an unknown name fails when the regime is loaded."""

from kaiji.regime.facts_ca import CA
from kaiji.regime.facts_declared import DECLARED
from kaiji.regime.facts_eu import EU, EU_FORM
from kaiji.regime.facts_eu_sources import EU_FORM_SOURCES, EU_SOURCES
from kaiji.regime.facts_evaluation import EVALUATION
from kaiji.regime.facts_figures import FIGURES
from kaiji.regime.facts_method import METHOD
from kaiji.regime.facts_sources import SOURCES
from kaiji.regime.values import Fact

_OF_THE_FORM: dict[str, Fact] = {**EU_FORM, **EU_FORM_SOURCES}

FACTS: dict[str, Fact] = {
    **DECLARED,
    **FIGURES,
    **SOURCES,
    **METHOD,
    **CA,
    **EVALUATION,
    **EU,
    **EU_SOURCES,
    **_OF_THE_FORM,
}
"""Facts computed from the disclosed summary alone."""

OF_THE_FORM = frozenset(_OF_THE_FORM)
"""Facts that rest on the figures of the EU form: a regime that asks for one of them has the summary hold them all."""

OF_ITEMS = ("doc.gaps", "doc.counts", "acceptance.status", "acceptance.items")
"""Facts computed from the items of the document itself, once these are filled."""

NAMES = frozenset(FACTS) | frozenset(OF_ITEMS)
