"""Exports: files made whole within the transaction that notes who took them, what for, and how much."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from services.feedback.alliance.domain.rules import rules_for
from services.feedback.care.domain.clients import ClientUnknown
from services.feedback.care.store.visibility import note_opened
from services.feedback.exports import store
from services.feedback.exports.domain.csv import columns, rows
from services.feedback.exports.domain.csv.codebook import codebook_of, content_hash_of
from services.feedback.exports.domain.csv.columns import File
from services.feedback.exports.domain.csv.pseudonyms import Pseudonyms
from services.feedback.exports.domain.csv.requests import (
    ROWS_AT_MOST,
    Basis,
    ExportRequest,
    ExportTooLarge,
    check_code,
    check_request,
    code_at,
)
from services.feedback.exports.domain.csv.rows import CsvRow, ExportedForm
from services.feedback.exports.domain.csv.writer import sheet
from services.feedback.measures.domain import Measure, Side
from services.feedback.measures.store import definitions
from shared.database import Tx
from shared.ids import uuid7
from shared.scope import Scope
from shared.security import audit


@dataclass(slots=True)
class FileCount:
    """How much of a file there is; `clients` are those who are in it."""

    rows: int = 0
    clients: set[UUID] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class About:
    """An export before it is fetched: what is in it, and what every column means."""

    code: UUID
    request: ExportRequest
    made_at: datetime
    counts: dict[File, int]
    clients: int
    measures: list[dict[str, Any]]
    rules: list[dict[str, Any]]


class Export:
    """
    One export for one asker.

    Raises, when begun:
        ReasonNotYours, ExportPeriodNotPossible, ExportOver.
        ClientUnknown: the one client asked for is not presently theirs.
    """

    def __init__(
        self, tx: Tx, request: ExportRequest, *, scope: Scope, now: datetime, at_most: int = ROWS_AT_MOST
    ) -> None:
        check_request(request, scope.roles)
        if request.code:
            check_code(request.code, now)
        if request.client_id and not store.holds_client(tx, scope, request):
            raise ClientUnknown("There is no such client.")
        self._tx, self._scope, self._now, self._at_most = tx, scope, now, at_most
        self.request = request
        self.code = request.code or code_at(now, uuid7())
        # The key depends on all that was request: a code used for another question names people anew.
        self._key = tx.vault.blind("export", "|".join((str(self.code), str(scope.actor), *request.filter)))
        self._pseudonyms = Pseudonyms(request.basis, self._key, tx.zone)
        self._hashes: dict[tuple[str, int], str] = {}

    def csv(self, file: File) -> list[bytes]:
        """
        One file, noted in the audit trail.

        Raises:
            ExportTooLarge: it has more rows than one file takes.
        """
        counted = FileCount()
        pieces = list(sheet(columns.names(file), self._rows(file, counted)))
        self._note(f"file={file}.csv", counted)
        return pieces

    def about(self) -> About:
        """
        What is in the export, counted as it would be written; this is noted, too.

        Raises:
            ExportTooLarge.
        """
        counts: dict[File, int] = {}
        everybody = FileCount()
        measures: set[tuple[str, int]] = set()
        versions: set[tuple[str, int, str]] = set()
        for file in File:
            counted = FileCount()
            for row in self._rows(file, counted):
                measures.add((row["measure"], row["measure_version"]))
                if file is File.READINGS:
                    versions.add((row["measure"], row["measure_version"], row["rules_version"]))
            counts[file] = counted.rows
            everybody.clients |= counted.clients
        everybody.rows = sum(counts.values())
        self._note("file=about", everybody)
        shown = [codebook_of(definitions.measure(*name)) for name in sorted(measures)]
        rules = [
            asdict(rules_for(definitions.measure(name, number), version)) | {"measure": name}
            for name, number, version in sorted(versions)
        ]
        return About(self.code, self.request, self._now, counts, len(everybody.clients), shown, rules)

    def archive(self, about_text: Callable[[About], dict[str, Any]]) -> list[bytes]:
        """
        All files and their about.json in one ZIP archive.

        Raises:
            ExportTooLarge.
        """
        kept = io.BytesIO()
        with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in File:
                with archive.open(self._entry(f"{file}.csv"), "w") as entry:
                    for piece in self.csv(file):
                        entry.write(piece)
            text = json.dumps(about_text(self.about()), ensure_ascii=False, indent=1, default=str)
            archive.writestr(self._entry("about.json"), text + "\n")
        return [kept.getvalue()]

    def _entry(self, name: str) -> zipfile.ZipInfo:
        entry = zipfile.ZipInfo(name, self._now.timetuple()[:6])
        entry.compress_type = zipfile.ZIP_DEFLATED
        return entry

    def _rows(self, file: File, counted: FileCount) -> Iterator[CsvRow]:
        for client_id, found in self._by_client(file):
            counted.clients.add(client_id)
            counted.rows += len(found)
            if counted.rows > self._at_most:
                raise ExportTooLarge(
                    f"{file}.csv would have more than {self._at_most} rows. "
                    "Choose a shorter period with from and to, and export the rest separately."
                )
            yield from found

    def _by_client(self, file: File) -> Iterator[tuple[UUID, list[CsvRow]]]:
        whose, names = (self._tx, self._scope, self.request, self._key), self._pseudonyms
        if file is File.READINGS:
            may = self.request.basis is Basis.CARE
            for reading in store.readings(*whose):
                yield reading.client_id, [rows.reading_row(reading, names, is_their_therapist=may)]
        elif file is File.EPISODES:
            for episode in store.episodes(*whose):
                yield episode.client_id, [rows.episode_row(episode, names)]
        else:
            for form in store.forms(*whose, now=self._now):
                measure = _measure_of(form)
                if file is File.CHECK_INS:
                    yield form.client_id, [rows.check_in_row(form, measure, self._hash(measure), names)]
                else:
                    yield form.client_id, list(rows.item_rows(form, measure, names))

    def _hash(self, measure: Measure) -> str:
        name = (measure.id, measure.version)
        if name not in self._hashes:
            self._hashes[name] = content_hash_of(measure)
        return self._hashes[name]

    def _note(self, what: str, counted: FileCount) -> None:
        fields = ("export", what, *self.request.filter, f"rows={counted.rows}", f"clients={len(counted.clients)}")
        about = sorted(counted.clients)
        audit.record(self._tx, self._scope, "export.made", about=about, fields=fields, now=self._now)
        note_opened(self._tx, self._scope, about, now=self._now)


def _measure_of(form: ExportedForm) -> Measure:
    """The measure of a form; of a session to which none was offered, the one that would have been."""
    if form.measure_id and form.measure_version is not None:
        return definitions.measure(form.measure_id, form.measure_version)
    return definitions.form_for(Side(form.side))
