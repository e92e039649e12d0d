"""Generated requests, right and wrong ones: what the OpenAPI document promises is kept, and nothing breaks."""

from typing import Any
from uuid import uuid4

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from tests.shared.web.conftest import Shelf

OPERATIONS = ["POST /v1/jars", "GET /v1/jars", "GET /v1/jars/{jar_id}", "PUT /v1/jars/{jar_id}", "GET /v1/whoami"]


def is_wrong(case: Any, component: str) -> bool:
    """Tell whether this part of a generated request breaks the document."""
    return any(
        place.value == component and about.mode == GenerationMode.NEGATIVE
        for place, about in case.meta.components.items()
    )


@pytest.mark.parametrize("mode", GenerationMode)
@pytest.mark.parametrize("label", OPERATIONS)
def test_the_document_is_kept(shelf: Shelf, label: str, mode: GenerationMode) -> None:
    document = schemathesis.openapi.from_wsgi("/v1/openapi.json", shelf.app)
    method, path = label.split()
    operation = document[path][method]

    @settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        headers = shelf.bearer() | {"Idempotency-Key": str(uuid4())}
        # A schema cannot say "no NUL" or "a cursor of ours": some fitting requests are rightly refused.
        excluded = [positive_data_acceptance]
        if is_wrong(case, "header"):  # what was wrong with it has just been put right by our own headers
            excluded.append(negative_data_rejection)
        case.call_and_validate(headers=headers, excluded_checks=excluded)

    send()
