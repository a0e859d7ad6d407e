"""Filling a regime: every item from facts and answers, once per audience and in both languages.

A sentence in a document comes from a fact with its evidence, from a person's answer, or from the regime's fixed
wording. What is absent is printed as absent, with its reason.
"""

import difflib
from collections.abc import Container, Iterator, Mapping

from kaiji.control.disclosed import DisclosedSummary
from kaiji.findings import Finding, Place
from kaiji.manifest.answers import ItemAnswer
from kaiji.regime import reasons
from kaiji.regime.blocks import Note, Paragraph, Table, WordsBlock
from kaiji.regime.checks import CHECKS
from kaiji.regime.facts import FACTS, OF_ITEMS
from kaiji.regime.filled import Filled, FilledItem, Origin
from kaiji.regime.model import ItemSpec, Regime, When
from kaiji.regime.of_items import of_items
from kaiji.regime.values import Absent, FactValue, Present, View, day, joined, missing
from kaiji.terms import Basis, ComplianceStatus, ItemState, Role, Words

SUPPLIER = "model.supplier_reference"
_WORST = (ItemState.UNANSWERED, ItemState.NOT_KNOWN, ItemState.WITHHELD, ItemState.NOT_APPLICABLE)


def fill(regime: Regime, summary: DisclosedSummary, evidenced: Container[str] = ()) -> Filled:
    """Answer every item of ``regime`` that the audience of ``summary`` gets.

    The findings say what is missing (KJ501) and what is weak in a person's answers (KJ502 to KJ510), with the key
    path of the answer in release.yaml. ``evidenced`` holds the ids of the items whose answers name evidence; the
    evidence itself is internal, and is not in ``summary``.
    """
    return _Filling(regime, summary, evidenced).filled()


class _Filling:
    def __init__(self, regime: Regime, summary: DisclosedSummary, evidenced: Container[str]) -> None:
        self.regime, self.summary, self.evidenced = regime, summary, evidenced
        self.view = View(summary, regime.wording, regime.spec.id, regime.parameters)
        self.answers: Mapping[str, ItemAnswer] = summary.declarations.answers.get(regime.spec.id, {})
        self.roles = summary.declarations.provider.roles
        wanted = {SUPPLIER} | {name for item in regime.items for name in (*item.facts, *item.also, *_when(item))}
        self.values: dict[str, FactValue] = {n: FACTS[n](self.view) for n in sorted(wanted - set(OF_ITEMS))}

    def filled(self) -> Filled:
        sections = {section.id for section in self.regime.spec.sections if self.summary.audience in section.audiences}
        shown = [i for i in self.regime.items if i.section in sections and self.summary.audience in i.audiences]
        later = {item.id for item in shown if set(OF_ITEMS) & {*item.facts, *item.also}}
        filled = {item.id: self._item(item) for item in shown if item.id not in later}
        for _ in range(2):  # items about the document count themselves: their origin is known after the first round
            done = [filled[item.id] for item in shown if item.id in filled]
            self.values.update(of_items(self.view, self.regime, done))
            filled.update({item.id: self._item(item) for item in shown if item.id in later})
        items = tuple(filled[item.id] for item in shown)
        return Filled(self.regime, self.summary, items, tuple(self._findings(items)), self.values)

    def _item(self, item: ItemSpec) -> FilledItem:
        answer = self.answers.get(item.id)
        if not set(self.roles) & set(item.roles):
            return self._none(item, self.view.words("absent.role"))
        if answer and answer.status is not ComplianceStatus.COMPLY:
            return self._explained(item, answer)
        required = item.required != "optional" and self.summary.declarations.provider.tier in item.tiers
        condition = None if self._by_reference(item) or not _when(item) else self.values[_when(item)[0]]
        if condition and not (isinstance(condition, Present) and condition.truth):
            none = self.view.words(f"item.{item.id}.none")
            if isinstance(condition, Present) or condition.state is ItemState.NOT_APPLICABLE:
                return self._none(item, none)
            if not required:
                return self._optional(item, condition.state)
            text = self.view.words("state.not_known", reason=none)  # nobody has said whether the item applies
            return FilledItem(item, ItemState.NOT_KNOWN, text, (), (), "missing", None, None)
        blocks, statements, origin = self._facts(item)
        if answer and answer.statement:
            blocks = (Paragraph[Words](text=answer.statement), *blocks)
            origin = "declaration" if origin == "fixed" else origin
        state, reason = self._state(item, answer)
        if state is not ItemState.ANSWERED and not required:
            return self._optional(item, state)._replace(blocks=blocks, statements=statements)
        blocks = (*(Paragraph[Words](text=self.view.words(key)) for key in item.fixed), *blocks)
        blocks += tuple(self._fixed_table(name) for name in item.tables)
        if state is ItemState.ANSWERED:
            text = self.view.words("state.answered")
            said = None if origin == "fixed" else ComplianceStatus.COMPLY
            return FilledItem(item, state, text, blocks, statements, origin, said, None)
        text = self.view.words(f"state.{state}", reason=reason)
        if state is ItemState.NOT_APPLICABLE:
            status = ComplianceStatus.NOT_APPLICABLE
            return FilledItem(item, state, text, blocks, statements, "not_applicable", status, None)
        return FilledItem(item, state, text, blocks, statements, "missing", None, None)

    def _none(self, item: ItemSpec, reason: Words) -> FilledItem:
        state, status = ItemState.NOT_APPLICABLE, ComplianceStatus.NOT_APPLICABLE
        text = self.view.words(f"state.{state}", reason=reason)
        return FilledItem(item, state, text, (), (), "not_applicable", status, None)

    def _optional(self, item: ItemSpec, state: ItemState) -> FilledItem:
        return FilledItem(item, state, self.view.words("state.optional"), (), (), "optional", None, None)

    def _by_reference(self, item: ItemSpec) -> bool:
        """True for a provider of another's model: it answers by reference to the supplier's disclosure."""
        return item.by_reference and Role.DEVELOPER not in self.roles

    def _facts(self, item: ItemSpec) -> tuple[tuple[WordsBlock, ...], tuple[str, ...], Origin]:
        """Blocks of the facts that have a value; among several facts, one that begins with text says which it is."""
        blocks: list[WordsBlock] = []
        statements: list[str] = []
        bases: set[Basis] = set()
        if self._by_reference(item):
            reference = self.values[SUPPLIER]
            if isinstance(reference, Present):
                blocks += [Paragraph[Words](text=self.view.words("text.by_reference")), *reference.blocks]
                bases.add(reference.basis)
        several = len(item.facts) + len(item.also) > 1
        for name in (*item.facts, *item.also):
            value = self.values[name]
            if isinstance(value, Absent):
                if name in item.facts and value.state is not ItemState.NOT_APPLICABLE and several:
                    blocks.append(Note[Words](text=value.reason))
                continue
            bases.add(value.basis)
            statements += [statement for statement in value.statements if statement not in statements]
            first = value.blocks[0] if value.blocks else None
            if several and isinstance(first, Paragraph):
                title = self.view.words(f"fact.{name}")
                words = self.view.words("text.titled", title=title, text=first.text)
                blocks += [Paragraph[Words](text=words), *value.blocks[1:]]
            else:
                blocks += value.blocks
        if all(isinstance(block, Note) for block in blocks):
            blocks = []  # notes alone are what is absent, and the state says that
        origin: Origin = "data" if bases - {Basis.DECLARED} else "declaration" if bases else "fixed"
        return tuple(blocks), tuple(statements), origin

    def _state(self, item: ItemSpec, answer: ItemAnswer | None) -> tuple[ItemState, Words]:
        """State of an item, and why it is not answered: the worst of its facts decides."""
        answered = self.view.words("state.answered")
        if answer and answer.statement:
            return ItemState.ANSWERED, answered
        if self._by_reference(item):
            reference = self.values[SUPPLIER]
            if isinstance(reference, Present):
                own = [value for name in _when(item) if isinstance(value := self.values[name], Present)]
                if not any(value.truth for value in own):  # what the provider does itself, it answers itself
                    return ItemState.ANSWERED, answered
            elif reference.state is not ItemState.NOT_APPLICABLE:  # else no supplier is named: own facts must do
                return reference
        if not (item.facts or item.fixed or item.tables):
            label = self.view.words(f"item.{item.id}.label")
            return ItemState.UNANSWERED, self.view.words("absent.not_declared", fact=label)
        absent = [value for name in item.facts if isinstance(value := self.values[name], Absent)]
        for state in _WORST:
            why = [value.reason for value in absent if value.state is state]
            if why and (state in _WORST[:2] or len(absent) == len(item.facts)):
                unsaid = [name for name in item.facts if self.values[name] == missing(self.view, name)]
                if state is ItemState.UNANSWERED and len(unsaid) > 1:  # one sentence for all that nobody declared
                    listed = joined([self.view.words(f"fact.{name}") for name in unsaid])
                    told = {missing(self.view, name).reason for name in unsaid}
                    why = [self.view.words("absent.not_declared", fact=listed), *(w for w in why if w not in told)]
                return state, Words(ja="".join(w.ja for w in why), en=" ".join(w.en for w in why))
        return ItemState.ANSWERED, answered

    def _explained(self, item: ItemSpec, answer: ItemAnswer) -> FilledItem:
        """An item that is not, or only partly, complied with: ground, scope, reason, alternative, review date."""
        blocks: tuple[WordsBlock, ...] = ()
        statements: tuple[str, ...] = ()
        if answer.status is ComplianceStatus.PARTLY:
            blocks, statements, _ = self._facts(item)
        if answer.statement:
            blocks = (Paragraph[Words](text=answer.statement), *blocks)
        said = {
            "reason": answer.reason,
            "ground": answer.withheld_ground.words if answer.withheld_ground else None,
            "scope": answer.withheld_scope,
            "alternative": answer.alternative,
            "review_by": day(answer.review_by) if answer.review_by else None,
        }
        blocks += tuple(
            Paragraph[Words](text=self.view.words(f"explain.{name}", text=words))
            for name, words in said.items()
            if words and not words.blank
        )
        state = ItemState.WITHHELD if answer.withheld_ground else ItemState.EXPLAINED
        origin: Origin = "explained"
        if answer.status is ComplianceStatus.NOT_APPLICABLE:
            state, origin = ItemState.NOT_APPLICABLE, "not_applicable"
        text = self.view.words("state.compliance", status=answer.status.words)
        reason = answer.reason if answer.reason and not answer.reason.blank else None
        return FilledItem(item, state, text, blocks, statements, origin, answer.status, reason)

    def _fixed_table(self, name: str) -> Table[Words]:
        spec = self.regime.spec.tables[name]
        return Table[Words](
            caption=self.view.words(spec.caption),
            columns=tuple(self.view.words(key) for key in spec.columns),
            rows=tuple(tuple(self.view.words(key) for key in row) for row in spec.rows),
        )

    def _findings(self, items: tuple[FilledItem, ...]) -> Iterator[Finding]:
        base = f"answers.{self.regime.spec.id}"
        for item in items:
            if item.origin == "missing":
                place = Place(file="release.yaml", key=f"{base}.{item.spec.id}")
                yield Finding(id="KJ501", message=f"{item.spec.id}: {item.text.en.rstrip('.')}", place=place)
        specs = {item.id: item for item in self.regime.items}
        for name, answer in self.answers.items():
            place = Place(file="release.yaml", key=f"{base}.{name}")
            if name not in specs:
                close = difflib.get_close_matches(name, sorted(specs), n=1)
                hint = f"; did you mean {close[0]}?" if close else ""
                yield Finding(id="KJ509", message=f"the regime has no item {name}{hint}", place=place)
                continue
            asked = [self.view.words(f"item.{name}.{part}") for part in ("label", "prompt")]
            for finding in reasons.findings(
                specs[name],
                answer,
                self.values,
                self.roles,
                self.summary.date,
                asked=Words(ja=" ".join(w.ja for w in asked), en=" ".join(w.en for w in asked)),
                evidenced=name in self.evidenced,
            ):
                yield finding.model_copy(update={"place": place})
        for check in self.regime.spec.checks:
            yield from CHECKS[check](Filled(self.regime, self.summary, items, (), self.values))
        for finding in reasons.repeated(self.answers):
            yield finding.model_copy(update={"place": Place(file="release.yaml", key=base)})


def _when(item: ItemSpec) -> tuple[str, ...]:
    return (item.required.when,) if isinstance(item.required, When) else ()
