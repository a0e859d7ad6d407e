"""Names that a regime wants to see against names that the release keeps confidential: told, and never broken silently.

Neither gives way by itself. The documents keep the confidential name to themselves; the build says so, and names the
regime's own way out, which a person has to take.
"""

from collections.abc import Iterator

from kaiji.findings import Finding, Place
from kaiji.regime.filled import Filled, FilledItem
from kaiji.terms import Answer, ComplianceStatus


def findings(filled: Filled) -> Iterator[Finding]:
    """KJ580 where a name that the regime wants is not given and nobody says why; KJ581 where somebody does.

    Whether a name is missing is told for the category as a whole: which source it is would show what is protected.
    """
    regime, summary = filled.regime, filled.summary
    items = {item.spec.id: item for item in filled.items}
    for one in regime.spec.minimum:
        item, outline = items.get(one.item), summary.outline(one.category)
        if item is None or outline.used is not Answer.YES or not outline.unnamed:
            continue
        place = Place(file="release.yaml", key=f"answers.{regime.spec.id}.{one.item}")
        category = one.category.words.en
        if _answered(filled, item):
            message = f"{one.item}: sources of “{category}” are not named; a person answers for it"
            yield Finding(id="KJ581", message=message, place=place)
        else:
            way_out = regime.wording.words(one.way_out).en.rstrip(".")
            message = (
                f"{one.item}: the regime asks for names, and sources of “{category}” are not named, because they are "
                f"confidential or the level of disclosure names none. Way out: {way_out}"
            )
            yield Finding(id="KJ580", message=message, place=place)


def _answered(filled: Filled, item: FilledItem) -> bool:
    """True when a person describes what is not named, or explains why it is not."""
    answer = filled.summary.declarations.answers.get(filled.regime.spec.id, {}).get(item.spec.id)
    if answer is None:
        return False
    if answer.status in (ComplianceStatus.PARTLY, ComplianceStatus.EXPLAIN):
        return answer.reason is not None and not answer.reason.blank
    return answer.statement is not None
