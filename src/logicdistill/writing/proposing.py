"""Changes of a base as proposals: made and checked, shown, and not yet in force."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from logicdistill.deciding.parts import Parts, over
from logicdistill.errors import BaseError, GateRefusal, ManualError, StorageError, one_line
from logicdistill.files import read_text
from logicdistill.functions.base import FunctionBase, Proposal
from logicdistill.functions.folder import BaseFolder
from logicdistill.functions.gate import Gate
from logicdistill.functions.helpers import called_first, callers, is_helper, outside_names
from logicdistill.functions.manual import (
    parse_definition,
    parse_expiry,
    parse_stage_name,
    with_expiry,
)
from logicdistill.functions.module import split_module
from logicdistill.functions.pictured import taken_in
from logicdistill.functions.sandbox import PATIENT, Sandbox
from logicdistill.protocols import Teacher
from logicdistill.tasks.records import RecordTask
from logicdistill.teacher.write import Author
from logicdistill.types import CONSOLIDATED, EMERGENCY, HELPERS, Function, Json, Scope, Stage
from logicdistill.writing.base import journal_entry, write_for_rule
from logicdistill.writing.contradictions import first_refused
from logicdistill.writing.events import Event, GivenUp
from logicdistill.writing.states import recorded_scopes

TO_ALLOW = (
    "to allow it, add it to 'actions' in task.toml of the task's folder and 'logicdistill run' "
    "that folder again (it renews the run's own copy), then repeat this"
)
"""How a person allows another action of a record task."""


@dataclass(frozen=True, slots=True)
class Proposing:
    """Makes the changes of `logicdistill.policy.Policy` as proposals.

    Each method takes and raises what the policy's method of the same name does, and changes
    nothing.

    Attributes:
        parts: of the policy; its base is the one that would change.
        folder: of the base; without it there is no snapshot to go back to.
    """

    parts: Parts
    folder: BaseFolder | None = None

    @property
    def base(self) -> FunctionBase:
        """The base that would change."""
        return self.parts.base

    def add(
        self,
        file: str | Path,
        stage: str | None = None,
        *,
        emergency: bool = False,
        expires: str | None = None,
        rule: str | None = None,
    ) -> Proposal:
        """See `logicdistill.policy.Policy.add`."""
        text, folder = _read(file), Path(file).parent
        given = {"emergency": emergency, "expires": expires, "rule": rule, "folder": folder}
        return self.add_text(text, file, stage, **given)  # type: ignore[arg-type]

    def add_text(
        self,
        source: str,
        file: str | Path,
        stage: str | None = None,
        *,
        emergency: bool = False,
        expires: str | None = None,
        rule: str | None = None,
        folder: Path | None = None,
    ) -> Proposal:
        """`add` for a text that was read already; messages name ``file``.

        Paths of example pictures are looked for in ``folder``; without it none is followed.
        """
        source, based = self._with_pictures(source, folder)
        target = self._stage_of(source, Path(file), stage)
        if expires is not None:
            source = with_expiry(source, self._expiry(expires))
        if target == HELPERS and (emergency or rule is not None):
            given = "--emergency" if emergency else "--rule"
            todo = "add the function that calls it so; a helper cites rules in 'Rules:'"
            raise BaseError(f"{file}: a helper takes no {given}, as no stage selects it; {todo}")
        origin = EMERGENCY if emergency else "person"
        with Sandbox(limits=PATIENT) as sandbox:
            function, evidence = self._gate().admit(
                source, target, self.base.by_name, sandbox, origin, told=_words(rule)
            )
            new = based.joined(function)
            self._check(new, [function], sandbox)
            function = new.by_name[function.name]
        entry = journal_entry("admit", function, evidence.to_json())
        return Proposal(self.base, new, [_citing(entry, rule)])

    def replace(self, name: str, file: str | Path, rule: str | None = None) -> Proposal:
        """See `logicdistill.policy.Policy.replace`."""
        return self.replace_text(name, _read(file), file, rule, Path(file).parent)

    def replace_text(
        self,
        name: str,
        source: str,
        file: str | Path,
        rule: str | None = None,
        folder: Path | None = None,
    ) -> Proposal:
        """`replace` for a text that was read already; see `add_text`."""
        old = self.base.function(name)
        source, based = self._with_pictures(source, folder)
        if (written := parse_definition(source, str(file)).name) != name:
            raise BaseError(
                f"{file}: is {written!r} and cannot take the place of {name!r}; "
                f"give it that name, or add it and remove {name}"
            )
        others = {name: other for name, other in self.base.by_name.items() if other is not old}
        if is_helper(old) and rule is not None:
            raise BaseError(f"{name} is a helper, which cites rules in 'Rules:'; leave --rule out")
        # What guards it stays as it is; otherwise it is now this person's.
        origin = old.origin if old.origin in (EMERGENCY, CONSOLIDATED) else "person"
        with Sandbox(limits=PATIENT) as sandbox:
            function, evidence = self._gate().admit(
                source,
                self.base.stage(old.stage),
                others,
                sandbox,
                origin,
                _words(rule) or old.told,
            )
            new = based.joined(function)
            changed = [new.by_name[name]]
            if is_helper(function):
                functions = new.by_name.values()
                changed += self._gate().check_callers(function, functions, sandbox)
            self._check(new, changed, sandbox)
        entry = journal_entry("replace", function, evidence.to_json())
        return Proposal(self.base, new, [_citing(entry, rule)])

    def import_module(self, text: str, where: str, stage: str | None = None) -> Proposal:
        """The functions of a Python module, as `bring_in` takes them; messages name its lines."""
        module = split_module(text, where)
        parts = module.parts
        texts = {name: part.text for name, part in parts.items()}
        shared = {name: part.text for name, part in module.helpers.items()}
        made = self.bring_in(texts, stage, shared, module.refused)
        every = parts | module.helpers
        said = {name: every[name].located(why) for name, why in made.refused.items()}
        return replace(made, refused=module.refused | said)

    def bring_in(
        self,
        sources: Mapping[str, str],
        stage: str | None = None,
        helpers: Mapping[str, str] | None = None,
        lost: Collection[str] = (),
    ) -> Proposal:
        """See `logicdistill.policy.Policy.bring_in`; the proposal says what is refused.

        Args:
            sources: see there.
            stage: see there.
            helpers: files of helpers that the sources share, by name. One that the base has
                already with the same text is no change, and one that nothing calls is left out.
            lost: names of functions that could not be taken; what calls one is refused.
        """
        known, joined = dict(self.base.by_name), dict[Function, dict[str, Json]]()
        targets, refused = self._targets(sources, stage)
        sources, based = dict(sources), self.base
        for name, text in sources.items():
            try:
                sources[name], drawn = taken_in(text, None, based.pictures)
                based = replace(based, pictures={**based.pictures, **drawn})
            except ManualError as error:
                targets.pop(name, None)
                refused[name] = f"{name}: {error}"
        shared = dict(helpers or {}) | {n: sources[n] for n, to in targets.items() if to == HELPERS}
        try:
            first = called_first(shared)
        except ManualError as error:
            first, refused = [], refused | dict.fromkeys(shared, str(error))
        last = [name for name in sources if name in targets and name not in shared]
        with Sandbox(limits=PATIENT) as sandbox:
            for name in [*first, *last]:
                source, target = shared.get(name) or sources[name], targets.get(name, HELPERS)
                there = known.get(name)
                if helpers and name in helpers and there and there.source == source:
                    continue
                if missing := sorted(outside_names(source) & {*refused, *lost}):
                    refused[name] = f"{name}: calls {missing[0]}, which is refused"
                    continue
                try:
                    function, evidence = self._gate().admit(
                        source, target, known, sandbox, origin="person"
                    )
                except (GateRefusal, ManualError) as error:
                    refused[name] = str(error)
                    continue
                known[function.name] = function
                joined[function] = journal_entry("admit", function, evidence.to_json())
            new = based.holding(known.values())
            while found := self._refused(new, list(joined), sandbox):
                function, refusal = found
                refused[function.name] = str(refusal)
                del joined[function]
                new = new.without(function)
        for helper in reversed([one for one in joined if one.name in (helpers or {})]):
            if not callers(helper.name, new.by_name.values()):
                del joined[helper]
                new = new.without(helper)
        return Proposal(self.base, new, list(joined.values()), refused)

    def _with_pictures(self, source: str, folder: Path | None) -> tuple[str, FunctionBase]:
        """The text with names of its example pictures, and the base with those pictures."""
        source, drawn = taken_in(source, folder, self.base.pictures)
        if not drawn:
            return source, self.base
        return source, replace(self.base, pictures={**self.base.pictures, **drawn})

    def _targets(
        self, sources: Mapping[str, str], stage: str | None
    ) -> tuple[dict[str, Stage], dict[str, str]]:
        """The stage of each file, and why a file has none."""
        targets, refused = dict[str, Stage](), dict[str, str]()
        for name, source in sources.items():
            try:
                targets[name] = self._stage_of(source, Path(f"{name}.py"), stage)
            except (ManualError, BaseError) as error:
                refused[name] = str(error)
        return targets, refused

    def tell(
        self, rule: str, teacher: Teacher, samples: Sequence[Json] = (), expires: str | None = None
    ) -> Proposal:
        """See `logicdistill.policy.Policy.tell`."""
        until = None if expires is None else self._expiry(expires)
        lost = dict[str, str]()

        def on_event(event: Event) -> None:
            if isinstance(event, GivenUp):
                lost[event.refusal.partition(":")[0]] = event.refusal

        with Sandbox(limits=PATIENT) as sandbox:
            new, entries = write_for_rule(
                Author(teacher, self.parts.task),
                self.base,
                rule,
                samples,
                on_event,
                expires=until,
                now=self.parts.clock(),
                scopes_of=partial(self._scopes, sandbox),
            )
        return Proposal(self.base, new, entries, lost)

    def remove(self, name: str) -> Proposal:
        """See `logicdistill.policy.Policy.remove`."""
        old = self.base
        function = old.function(name)
        if calling := callers(name, old.by_name.values()):
            who = ", ".join(one.name for one in calling)
            raise BaseError(f"{name} is called by {who}; change or remove what calls it first")
        if not is_helper(function) and len(old.of_stage(function.stage)) == 1:
            raise BaseError(
                f"{name} is the only function of stage {function.stage!r}; add another one first"
            )
        users = [other.name for other in old.functions if name in other.manual.replaces]
        if users:
            raise BaseError(f"{users[0]} replaces {name} ('Replaces:'); remove {users[0]} first")
        new = old.without(function)
        return Proposal(old, new, [journal_entry("remove", function)])

    def rollback(self, snapshot: str) -> Proposal:
        """See `logicdistill.policy.Policy.rollback`."""
        if self.folder is None:
            raise BaseError("this policy has no folder, so no snapshots; load it from a run")
        new = self.folder.find_snapshot(snapshot)
        return Proposal(self.base, new, [{"op": "rollback", "to": new.snapshot}])

    def _gate(self) -> Gate:
        gate = Gate.of(self.parts.task, self.base.stages)
        return replace(gate, to_allow=TO_ALLOW) if isinstance(self.parts.task, RecordTask) else gate

    def _check(self, new: FunctionBase, joined: Sequence[Function], sandbox: Sandbox) -> None:
        if found := self._refused(new, joined, sandbox):
            raise found[1]

    def _refused(
        self, new: FunctionBase, joined: Sequence[Function], sandbox: Sandbox
    ) -> tuple[Function, GateRefusal] | None:
        return first_refused(
            new, joined, sandbox, self.parts.clock(), partial(self._scopes, sandbox)
        )

    def _scopes(
        self, sandbox: Sandbox, base: FunctionBase, stage: Stage
    ) -> list[tuple[str, Scope]]:
        """Recorded states as a stage of the changed base sees them."""
        sandbox.load(base.functions)
        return recorded_scopes(over(self.parts, base, sandbox), stage)

    def _expiry(self, text: str) -> str:
        expires = parse_expiry(text, "the expiry")
        if datetime.datetime.fromisoformat(expires) <= self.parts.clock():
            raise ManualError(f"the expiry {expires} has passed; give a later time")
        return expires

    def _stage_of(self, source: str, path: Path, stage: str | None) -> Stage:
        said = stage or parse_stage_name(source, str(path))
        if said is not None:
            return self.base.stage(said)
        names = [item.name for item in self.base.stages]
        folder = path.resolve().parent.name if path.is_file() else ""  # a text has none
        if folder in (*names, HELPERS.name):
            return self.base.stage(folder)
        selecting = [item for item in self.base.stages if item.selects]
        if len(selecting) == 1:
            return selecting[0]
        raise BaseError(
            f"{path}: which stage? add a 'Stage:' line to the manual or name it; "
            f"stages: {', '.join(names)}; for what functions call: {HELPERS.name}"
        )


def _words(rule: str | None) -> str | None:
    """The words of a rule in one line.

    Raises:
        BaseError: there is none in it.
    """
    if rule is None:
        return None
    if not (words := one_line(rule)):
        raise BaseError("the rule is empty; say it in one sentence")
    if len(" ".join(rule.split())) > len(words):
        raise BaseError(f"the rule has more than {len(words)} characters; say it in one sentence")
    return words


def _citing(entry: dict[str, Json], rule: str | None) -> dict[str, Json]:
    """The journal's entry with the words of the rule, where a person gave them."""
    return entry if rule is None else entry | {"rule": _words(rule)}


def _read(file: str | Path) -> str:
    if isinstance(file, str) and "\n" in file:
        raise StorageError(
            f"a function comes as the path of its file; got {len(file.splitlines())} lines of "
            "text: write them to a file, or bring them in with bring_in({name: text})"
        )
    return read_text(Path(file))
